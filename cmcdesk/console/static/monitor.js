// The live monitor: counts at the gates, session lanes, rate against the ceiling, webhook queue. All of it is drawn from
// the summaries that the mail server sends at most four times a second; nothing here grows with the number of mails.
import { Lanes, drawLanes, spacingOf } from "./lanes.js";

const KEPT_SECONDS = 120;
const monitor = document.getElementById("monitor");
const name = monitor.dataset.composition;
const text = JSON.parse(monitor.dataset.text);
const language = monitor.lang;
const limits = { sessions: Number(monitor.dataset.limit), interval: Number(monitor.dataset.interval) };
const write = (value, digits = 0) => Number(value).toLocaleString(language, { maximumFractionDigits: digits });
const put = (id, value) => { document.getElementById(id).textContent = value; };

/* --- lanes --- */
const canvas = document.getElementById("lanes");
const readout = document.getElementById("lane-readout");
const lanes = new Lanes();
canvas.cmcLanes = lanes; // the drawn data, for whoever wants to check the picture
let chosen = null;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
function paint() {
  const now = still.matches ? lanes.lastTick || Date.now() / 1000 : Date.now() / 1000;
  drawLanes(canvas, lanes, { limit: limits.sessions, interval: limits.interval, now, chosen });
}
let lastPaint = 0;
function loop(at) {
  if (at - lastPaint >= 33 && !document.hidden && !still.matches) { lastPaint = at; paint(); }
  requestAnimationFrame(loop);
}
requestAnimationFrame(loop);
window.addEventListener("resize", paint);
function tell() {
  const lane = chosen === null ? null : lanes.bySession.get(chosen);
  if (!lane) { readout.textContent = "\u00a0"; return; }
  const spacing = spacingOf(lane);
  const known = spacing && !lane.dense.length
    ? text.spacing.replace("{mean}", write(spacing.mean, 1)).replace("{least}", write(spacing.least, 1)).replace("{count}", write(spacing.count))
    : "";
  readout.textContent = `${text.session} ${lane.id}  ${known}  ${text.refused} ${lane.refused.length}`;
}
canvas.addEventListener("keydown", (event) => {
  const step = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const open = lanes.openLanes();
  if (!open.length) return;
  const at = open.findIndex((lane) => lane.id === chosen);
  chosen = open[at < 0 ? 0 : (at + step + open.length) % open.length].id;
  tell();
  paint();
});
canvas.addEventListener("pointermove", (event) => {
  const height = canvas.clientHeight - 34;
  const highest = Math.max(limits.sessions, ...[...lanes.bySession.values()].map((lane) => lane.slot + 1));
  const slot = Math.floor((canvas.clientHeight - 18 - event.offsetY) / (height / highest));
  const under = [...lanes.bySession.values()].filter((lane) => lane.slot === slot).pop();
  chosen = under ? under.id : null;
  tell();
});

/* --- charts --- */
const rate = { times: [], achieved: [], ceiling: [], refused: [] };
const queue = { times: [], waiting: [], age: [] };
const css = (property) => getComputedStyle(monitor).getPropertyValue(property).trim();
// colours are asked for at each drawing, since the theme may have changed
const line = () => ({ stroke: () => css("--line"), width: 1 });
const axis = () => ({ stroke: () => css("--bs-secondary-color"), grid: line(), ticks: line() });
const time = (at) => new Date(at * 1000).toLocaleTimeString(language, { hour12: false, timeZone: monitor.dataset.zone });
const clock = (plot, ticks) => ticks.map(time);
function chart(place, series, scales, axes) {
  const box = document.getElementById(place);
  const size = () => ({ width: box.clientWidth, height: 190 });
  const markers = { stroke: (p, n) => `var(${series[n - 1].colour})`, fill: "transparent" };
  const plot = new uPlot({
    ...size(), scales, legend: { live: true, markers }, cursor: { drag: { x: false, y: false } },
    series: [{ label: text.time, value: (p, at) => (at ? time(at) : "–") }, ...series.map((each) => ({ ...each, stroke: () => css(each.colour), points: { show: false } }))],
    axes: [{ ...axis(), values: clock, space: 90 }, ...axes],
  }, [[], ...series.map(() => [])], box);
  new ResizeObserver(() => plot.setSize(size())).observe(box);
  return plot;
}
const lastMinutes = (plot, low, high) => [(high || Date.now() / 1000) - KEPT_SECONDS, high || Date.now() / 1000];
const fromZero = (least) => (plot, low, high) => [0, Math.max(least, (high || 0) * 1.1)];
const rateChart = chart("rate-chart", [
  { label: text.achieved, colour: "--good", width: 2, fill: () => `${css("--good")}22`, value: (p, v) => (v == null ? "–" : write(v, 1)) },
  { label: text.ceiling, colour: "--bad", width: 2, dash: [8, 5], value: (p, v) => (v == null ? "–" : write(v, 1)) },
  { label: text.refusedRate, colour: "--wait", width: 1.5, dash: [2, 3], value: (p, v) => (v == null ? "–" : write(v, 1)) },
], { x: { time: true, range: lastMinutes }, y: { range: fromZero(1) } }, [{ ...axis(), size: 60 }]);
const queueChart = chart("queue-chart", [
  { label: text.waiting, colour: "--good", width: 2, value: (p, v) => (v == null ? "–" : write(v)) },
  { label: text.age, scale: "age", colour: "--bad", width: 2, dash: [6, 4], value: (p, v) => (v == null ? "–" : write(v, 1)) },
], { x: { time: true, range: lastMinutes }, y: { range: fromZero(5) }, age: { range: fromZero(5) } },
[{ ...axis(), size: 50 }, { ...axis(), scale: "age", side: 1, size: 50, grid: { show: false } }]);
document.addEventListener("cmc:theme", () => { paint(); rateChart.redraw(); queueChart.redraw(); });
function keep(columns, ...values) {
  Object.values(columns).forEach((column, n) => column.push(values[n]));
  while (columns.times.length && columns.times[0] < columns.times.at(-1) - KEPT_SECONDS) {
    Object.values(columns).forEach((column) => column.shift());
  }
}

/* --- ticks --- */
let before = null;
const sumOf = (counts) => Object.values(counts || {}).reduce((a, b) => a + b, 0);
function takeServer(server) {
  const each = (server[monitor.dataset.server === "relay" ? "relays" : "compositions"] || {})[name];
  put("server-state", text.states[server.state] || server.state || "");
  if (!each || !server.at) return;
  monitor.dataset.live = "yes";
  limits.sessions = each.limit || limits.sessions;
  lanes.take(each.lanes || [], server.at, each.turned_away || []);
  put("sessions-now", write(each.sessions || 0));
  put("sessions-limit", write(limits.sessions));
  for (const place of monitor.querySelectorAll("[data-count]")) {
    const value = each[place.dataset.count] || 0;
    place.textContent = place.dataset.count === "octets" ? `${write(value / 1048576, 1)} MB` : write(value);
  }
  for (const gate of monitor.querySelectorAll("[data-gate]")) {
    const total = (each.refused || {})[gate.dataset.gate] || 0;
    const earlier = before ? (before.refused || {})[gate.dataset.gate] || 0 : total;
    gate.querySelector("[data-refused]").textContent = write(total);
    gate.classList.toggle("has-refused", total > 0);
    gate.classList.toggle("refusing", total > earlier);
    gate.classList.toggle("passing", Boolean(before) && each.mails > before.mails && total === earlier);
  }
  const spacing = lanes.meanSpacing();
  put("spacing", spacing === null ? "–" : `${write(spacing, 1)} ${text.ms}`);
  takeRate(each, server.at);
}
function takeRate(each, at) {
  // one point a second: a tick is too short to count mails in
  if (before && before.at <= at && at - before.at < 0.95) return;
  const ceiling = (limits.sessions * 1000) / limits.interval;
  if (before && at > before.at && each.mails >= before.mails) {
    const seconds = at - before.at;
    const achieved = (each.mails - before.mails) / seconds;
    keep(rate, at, achieved, ceiling, Math.max(0, sumOf(each.refused) - sumOf(before.refused)) / seconds);
    rateChart.setData(Object.values(rate));
    put("rate-now", write(achieved, 1));
  }
  put("ceiling-now", write(ceiling, 1));
  before = { at, mails: each.mails, refused: { ...each.refused } };
}
let workerAt = 0;
function takeWorker(worker) {
  for (const place of monitor.querySelectorAll("[data-worker]")) place.textContent = write(worker[place.dataset.worker] || 0);
  put("queue-now", write(worker.waiting || 0));
  put("queue-age", worker.oldest_due_age == null ? "–" : `${write(worker.oldest_due_age, 1)} s`);
  if (!worker.at || worker.at - workerAt < 0.95) return;
  workerAt = worker.at;
  keep(queue, worker.at, worker.waiting || 0, worker.oldest_due_age || 0);
  queueChart.setData(Object.values(queue));
}
const patternsOf = (process) => (process.patterns_set_aside || {})[name] || ((process.compositions || {})[name] || {}).patterns_set_aside || [];
function showSetAside(patterns) {
  const section = document.getElementById("patterns-set-aside");
  section.hidden = patterns.length === 0;
  section.querySelector("ul").replaceChildren(...patterns.map((each) => {
    const item = document.createElement("li");
    item.textContent = `${each.filter}: ${each.header} ~ ${each.pattern}`;
    return item;
  }));
}
document.addEventListener("cmc:telemetry", (event) => {
  takeServer(event.detail.mail_server || {});
  takeWorker(event.detail.worker || {});
  showSetAside(["mail_server", "worker"].flatMap((key) => patternsOf(event.detail[key] || {})));
  tell();
  if (still.matches) paint();
});
document.body.addEventListener("cmc:settings", () => fetch(`${location.pathname}/limits?composition=${encodeURIComponent(name)}&server=${monitor.dataset.server}`)
  .then((answer) => answer.json()).then((fresh) => { limits.sessions = fresh.max_sessions; limits.interval = fresh.interval_ms; }));

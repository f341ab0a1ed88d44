// Session lanes: one line per open SMTP session over the last 30 seconds, a dot at the moment of each reply.
// A session takes the lowest free lane and gives it back when it ends, so the lanes in use are the sessions in use
// and the session limit is the top edge.
export const SPAN = 30;
const LEAST_APART = 2; // pixels: closer replies are drawn as lines, since dots of 100 lanes would cost more than they show

export class Lanes {
  constructor() {
    this.bySession = new Map(); // id → {id, slot, opened, closed, accepted: [time], refused: [time], dense: [[from, to, count]]}
    this.turnedAway = []; // times of connections over the session limit: they have no lane
    this.lastTick = 0;
  }

  /** Take one tick: `lanes` as telemetry carries them, `at` its time in unix seconds. A tick seen before changes nothing. */
  take(lanes, at, turnedAway = []) {
    if (at <= this.lastTick) return;
    this.turnedAway.push(...turnedAway);
    const seen = new Set();
    for (const [id, opened, accepted, refused, countAccepted] of lanes) {
      seen.add(id);
      const lane = this.bySession.get(id) || this.open(id, opened);
      lane.closed = null;
      // a tick whose replies are not all told is a bar of their number; else a dot for each
      if (countAccepted > accepted.length) lane.dense.push([Math.max(this.lastTick, opened, at - 1), at, countAccepted]);
      else lane.accepted.push(...accepted);
      lane.refused.push(...refused);
    }
    for (const lane of this.bySession.values()) {
      if (!seen.has(lane.id) && lane.closed === null) lane.closed = at;
    }
    this.lastTick = at;
    this.forget(at - SPAN);
  }

  open(id, opened) {
    const taken = new Set();
    for (const lane of this.bySession.values()) if (lane.closed === null) taken.add(lane.slot);
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    const lane = { id, slot, opened, closed: null, accepted: [], refused: [], dense: [] };
    this.bySession.set(id, lane);
    return lane;
  }

  forget(before) {
    this.turnedAway = this.turnedAway.filter((time) => time >= before);
    for (const [id, lane] of this.bySession) {
      if (lane.closed !== null && lane.closed < before) { this.bySession.delete(id); continue; }
      lane.accepted = lane.accepted.filter((time) => time >= before);
      lane.refused = lane.refused.filter((time) => time >= before);
      lane.dense = lane.dense.filter(([, to]) => to >= before);
    }
  }

  /** Sessions that are open, lowest lane first. */
  openLanes() {
    return [...this.bySession.values()].filter((lane) => lane.closed === null).sort((a, b) => a.slot - b.slot);
  }

  /** Mean spacing in milliseconds of the replies drawn in the last `seconds`, or null. */
  meanSpacing(seconds = 10) {
    let sum = 0;
    let count = 0;
    for (const lane of this.bySession.values()) {
      if (lane.dense.length) continue; // not every reply is known there
      const times = lane.accepted.filter((time) => time >= this.lastTick - seconds);
      if (times.length > 1) { sum += times[times.length - 1] - times[0]; count += times.length - 1; }
    }
    return count ? (sum / count) * 1000 : null;
  }
}

export function spacingOf(lane) {
  const gaps = lane.accepted.slice(1).map((time, n) => (time - lane.accepted[n]) * 1000);
  if (!gaps.length) return null;
  return { mean: gaps.reduce((a, b) => a + b, 0) / gaps.length, least: Math.min(...gaps), count: gaps.length + 1 };
}

/** Draw all lanes on `canvas`; `chosen` is the id of a session to show bold. */
export function drawLanes(canvas, lanes, { limit, interval, now, chosen }) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  const colour = (name) => getComputedStyle(canvas).getPropertyValue(name).trim();
  const palette = { good: colour("--good"), bad: colour("--bad"), line: colour("--line"), text: colour("--bs-secondary-color") };
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const frame = { left: 34, right: 6, top: 16, bottom: 18 };
  const highest = Math.max(limit, ...[...lanes.bySession.values()].map((lane) => lane.slot + 1));
  const step = (height - frame.top - frame.bottom) / highest;
  const x = (time) => frame.left + ((time - (now - SPAN)) / SPAN) * (width - frame.left - frame.right);
  const y = (slot) => height - frame.bottom - (slot + 0.5) * step;
  // dots of neighbouring replies must not touch, or the spacing would not be seen
  const apart = (interval / 1000 / SPAN) * (width - frame.left - frame.right);
  const radius = Math.max(1, Math.min(3.6, step / 3, apart * 0.36));
  drawFrame(pen, { frame, width, height, limit, step, palette, x, now });
  drawTurnedAway(pen, lanes.turnedAway, { y: height - frame.bottom - limit * step, x, left: frame.left, palette });
  for (const lane of lanes.bySession.values()) {
    drawLane(pen, lane, { y: y(lane.slot), x, radius, apart, palette, now, left: frame.left, bold: lane.id === chosen });
  }
}

function drawFrame(pen, { frame, width, height, limit, step, palette, x, now }) {
  pen.font = "11px system-ui, sans-serif";
  pen.fillStyle = palette.text;
  pen.strokeStyle = palette.line;
  pen.lineWidth = 1;
  for (let back = 0; back <= SPAN; back += 5) {
    const at = x(now - back);
    pen.beginPath(); pen.moveTo(at, frame.top); pen.lineTo(at, height - frame.bottom); pen.stroke();
    pen.textAlign = back === 0 ? "right" : "center";
    pen.fillText(back === 0 ? "0 s" : `−${back}`, at, height - 5);
  }
  const top = height - frame.bottom - limit * step;
  pen.strokeStyle = palette.bad;
  pen.setLineDash([6, 4]);
  pen.beginPath(); pen.moveTo(frame.left, top); pen.lineTo(width - frame.right, top); pen.stroke();
  pen.setLineDash([]);
  pen.textAlign = "right";
  pen.fillText(String(limit), frame.left - 5, top + 4);
  pen.fillText("1", frame.left - 5, height - frame.bottom - step / 2 + 4);
}

/** A cross on the limit for each connection that met it. */
function drawTurnedAway(pen, times, { y, x, left, palette }) {
  pen.strokeStyle = palette.bad;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const time of times) {
    const at = x(time);
    if (at < left) continue;
    pen.moveTo(at - 3.5, y - 3.5); pen.lineTo(at + 3.5, y + 3.5);
    pen.moveTo(at + 3.5, y - 3.5); pen.lineTo(at - 3.5, y + 3.5);
  }
  pen.stroke();
}

function drawLane(pen, lane, { y, x, radius, apart, palette, now, left, bold }) {
  const from = Math.max(left, x(lane.opened));
  const to = x(lane.closed === null ? now : lane.closed);
  pen.strokeStyle = bold ? palette.text : palette.line;
  pen.lineWidth = bold ? 2 : 1;
  if (to > from) { pen.beginPath(); pen.moveTo(from, y); pen.lineTo(to, y); pen.stroke(); }
  pen.fillStyle = palette.good;
  for (const [begin, end, count] of lane.dense) {
    pen.globalAlpha = Math.min(0.9, 0.25 + count / 500);
    pen.fillRect(Math.max(left, x(begin)), y - radius, Math.max(1, x(end) - Math.max(left, x(begin))), radius * 2);
  }
  pen.globalAlpha = 1;
  if (apart < LEAST_APART) drawRuns(pen, lane.accepted, { y, x, radius, left, gap: Math.max(apart * 3, 1.5) });
  else drawDots(pen, lane.accepted, { y, x, radius, left });
  pen.strokeStyle = palette.bad;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const time of lane.refused) {
    const at = x(time);
    if (at < left) continue;
    const arm = Math.max(3, radius);
    pen.moveTo(at - arm, y - arm); pen.lineTo(at + arm, y + arm);
    pen.moveTo(at + arm, y - arm); pen.lineTo(at - arm, y + arm);
  }
  pen.stroke();
}

function drawDots(pen, times, { y, x, radius, left }) {
  pen.beginPath();
  for (const time of times) {
    const at = x(time);
    if (at < left) continue;
    if (radius < 2) { pen.rect(at - radius, y - radius, radius * 2, radius * 2); continue; } // as round, and ten times as fast
    pen.moveTo(at + radius, y);
    pen.arc(at, y, radius, 0, 7);
  }
  pen.fill();
}

function drawRuns(pen, times, { y, x, radius, left, gap }) {
  let begin = null;
  let last = 0;
  const close = () => { if (begin !== null) pen.fillRect(begin, y - radius, Math.max(1, last - begin), radius * 2); };
  for (const time of times) {
    const at = x(time);
    if (at < left) continue;
    if (begin === null || at - last > gap) { close(); begin = at; }
    last = at;
  }
  close();
}

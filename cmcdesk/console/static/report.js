// The delivery graph: four lines of events a minute. The numbers come with the page; each time its part is renewed, they are drawn anew.
const css = (property) => getComputedStyle(document.body).getPropertyValue(property).trim();
const STYLES = { // told apart by their dashes too
  queued: { colour: "--graph-queued", dash: [] },
  succeeded: { colour: "--good", dash: [10, 4] },
  failed: { colour: "--bad", dash: [4, 3] },
  deferred: { colour: "--wait", dash: [1, 4] },
};
let plot = null;
let observer = null;

function draw() {
  const box = document.getElementById("graph");
  if (!box) return;
  if (plot) { plot.destroy(); observer.disconnect(); }
  box.replaceChildren();
  const text = JSON.parse(box.dataset.text);
  const language = box.lang;
  const write = (value) => (value == null ? "–" : Number(value).toLocaleString(language));
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: box.dataset.zone };
  const time = (at) => new Date(at * 1000).toLocaleTimeString(language, clock);
  const axis = () => ({ stroke: css("--bs-secondary-color"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 } });
  const size = () => ({ width: box.clientWidth - 2 * parseFloat(getComputedStyle(box).paddingLeft), height: 260 });
  plot = new uPlot({
    ...size(),
    scales: { x: { time: true }, y: { range: (p, low, high) => [0, Math.max(5, (high || 0) * 1.1)] } },
    cursor: { drag: { x: false, y: false } },
    series: [
      { label: text.time, value: (p, at) => (at ? time(at) : "–") },
      ...Object.entries(STYLES).map(([name, style]) => ({
        label: text[name], stroke: css(style.colour), width: 2, dash: style.dash, points: { show: false }, value: (p, value) => write(value),
      })),
    ],
    axes: [{ ...axis(), values: (p, ticks) => ticks.map(time), space: 70 }, { ...axis(), size: 60, values: (p, ticks) => ticks.map(write) }],
  }, JSON.parse(box.dataset.points), box);
  observer = new ResizeObserver(() => plot.setSize(size()));
  observer.observe(box);
  document.getElementById("graph").dataset.drawn = "yes";
}

draw();
document.addEventListener("cmc:theme", draw);
document.body.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "delivery-graph") draw(); });

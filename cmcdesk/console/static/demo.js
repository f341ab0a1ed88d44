"use strict";
// The stage of the demo: the page of the scene in the frame, and the keys of whoever talks.
const view = document.getElementById("stage-view");
let shown = view.getAttribute("src");
function follow() {
  const page = document.querySelector("[data-scene]").dataset.page;
  if (page === shown) return;
  shown = page;
  view.src = page;
}
document.body.addEventListener("htmx:afterSettle", follow);
document.addEventListener("keydown", (event) => {
  const id = { " ": "demo-pause", ArrowRight: "demo-next" }[event.key];
  if (!id || event.target.closest("button, a, input")) return;
  event.preventDefault();
  document.getElementById(id)?.click();
});

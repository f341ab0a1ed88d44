"use strict";
// The log's choice of several deliveries: it outlives the live list's renewal, and one box chooses all.
const list = document.getElementById("delivery-list");
let chosen = new Set();
const boxes = () => [...list.querySelectorAll("input[name=delivery]")];
list.addEventListener("change", (event) => {
  if (event.target.id === "choose-all") boxes().forEach((box) => { box.checked = event.target.checked; });
  chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
});
document.body.addEventListener("htmx:afterSwap", () => {
  boxes().forEach((box) => { box.checked = chosen.has(box.value); });
});

"use strict";
// One box that chooses all boxes of a name, or none.
document.body.addEventListener("change", (event) => {
  const every = event.target.closest("[data-chooses]");
  const form = event.target.closest("form");
  const all = form?.querySelector("[data-chooses]");
  if (!all) return;
  const boxes = [...form.querySelectorAll(`input[name="${all.dataset.chooses}"]`)];
  if (every) boxes.forEach((box) => { box.checked = every.checked; });
  const count = boxes.filter((box) => box.checked).length;
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
});

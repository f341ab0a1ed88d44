"use strict";
// Lists whose rows are added and removed: users of SMTP AUTH, filters of delivery speed and forwarding.
document.body.addEventListener("click", (event) => {
  const box = event.target.closest("[data-rows]");
  if (!box) return;
  const rows = box.querySelector("[data-row-list]");
  const add = event.target.closest("[data-add-row]");
  if (add) {
    const taken = [...rows.querySelectorAll("[name]")].map((field) => Number(/\[(\d+)\]/.exec(field.name)[1]));
    const next = Math.max(-1, ...taken) + 1;
    const row = box.querySelector("template").content.querySelector("[data-row]").cloneNode(true);
    ["name", "id", "for"].forEach((attribute) => row.querySelectorAll(`[${attribute}]`).forEach((each) => {
      each.setAttribute(attribute, each.getAttribute(attribute).replace("NEXT", next));
    }));
    rows.append(row);
    row.querySelector("input:not([type=hidden])").focus();
  }
  const drop = event.target.closest("[data-drop-row]");
  if (!drop) return;
  drop.closest("[data-row]").remove();
  box.querySelector("[data-add-row]").focus();
  box.querySelector("input").dispatchEvent(new Event("input", { bubbles: true })); // the form has changed
});

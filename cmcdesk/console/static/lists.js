"use strict";
// Lists that grow while one looks: rows keep their place in the document (idiomorph), so that focus and choice stay; a
// list can be held still, and then says how many rows are new. The buttons are those of the macro hold_button.
(() => {
  const held = new Set(); // ids of the lists that stand still
  const rowsOf = (list) => [...list.querySelectorAll("tbody tr[id]")];
  const buttonOf = (list) => document.querySelector(`[data-holds="${list.id}"]`);

  function tell(list, html) {
    const known = new Set(rowsOf(list).map((row) => row.id));
    const came = rowsOf(new DOMParser().parseFromString(html, "text/html").body);
    const fresh = came.filter((row) => !known.has(row.id)).length;
    if (fresh === 0) return;
    const button = buttonOf(list);
    button.querySelector("[data-new]").textContent = button.dataset.textNew.replace("0", fresh === came.length ? `${fresh}+` : fresh);
  }
  function toggle(button) {
    const list = document.getElementById(button.dataset.holds);
    const holds = !held.delete(list.id);
    if (holds) held.add(list.id);
    button.dataset.held = holds;
    button.querySelector("[data-new]").textContent = "";
    if (!holds) htmx.trigger(list, "resume");
  }
  document.body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-holds]");
    if (button) toggle(button);
  });

  /* --- the row that has the focus keeps it; if it slid off the end, the last one takes it --- */
  let focused = null;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    focused = target.contains(document.activeElement) ? document.activeElement : null;
    if (!held.has(target.id) || !requestConfig.triggeringEvent?.type.startsWith("cmc:")) return;
    event.detail.shouldSwap = false;
    tell(target, xhr.responseText);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (focused && !focused.isConnected) rowsOf(event.detail.target).at(-1)?.querySelector("a, button")?.focus();
    focused = null;
  });

  /* --- choosing several: a form of boxes of the class choose; shift chooses all between two --- */
  const chosen = new Set();
  let last = null;
  const boxesOf = (list) => [...list.querySelectorAll("input.choose")];
  function count(list) {
    const number = boxesOf(list).filter((box) => box.checked).length;
    list.querySelectorAll("[data-for-chosen]").forEach((button) => { button.disabled = number === 0; });
    list.querySelectorAll("[data-chosen]").forEach((place) => { place.textContent = number || ""; });
    const all = list.querySelector(".choose-all");
    if (!all) return;
    all.checked = number > 0 && number === boxesOf(list).length;
    all.indeterminate = number > 0 && !all.checked;
  }
  function chooseTo(list, box) {
    const boxes = boxesOf(list);
    const [from, to] = [boxes.findIndex((each) => each.value === last), boxes.indexOf(box)].sort((a, b) => a - b);
    if (from >= 0) boxes.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
  }
  document.body.addEventListener("click", (event) => {
    const list = event.target.closest("[data-choosing]");
    if (!list) return;
    if (event.target.matches(".choose-all")) boxesOf(list).forEach((box) => { box.checked = event.target.checked; });
    else if (!event.target.matches("input.choose")) return;
    else {
      if (event.shiftKey && last !== null) chooseTo(list, event.target);
      last = event.target.value;
    }
    chosen.clear();
    boxesOf(list).filter((box) => box.checked).forEach((box) => chosen.add(box.value));
    count(list);
  });
  function restore() {
    document.querySelectorAll("[data-choosing]").forEach((list) => {
      boxesOf(list).forEach((box) => { box.checked = chosen.has(box.value); });
      count(list);
    });
  }
  document.body.addEventListener("htmx:afterSwap", restore);
  window.addEventListener("pageshow", restore); // a browser may bring back boxes that were ticked before
})();

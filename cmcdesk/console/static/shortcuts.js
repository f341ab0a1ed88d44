"use strict";
// Keys for lists and mails; the sheet that tells them is templates/desk/shortcuts.html. They can be switched off, for
// speech input types letters (WCAG 2.1.4), and are never taken from a field, a dialog or the browser.
(() => {
  const OFF = "cmcdesk-shortcuts-off";
  const dialog = document.getElementById("dialog");
  const isOn = () => !localStorage.getItem(OFF);
  const openerOf = (row) => row.querySelector("a[id], button[id]");
  const click = (selector) => { const found = document.querySelector(selector); found?.click(); return Boolean(found); };

  function move(step) {
    const rows = [...document.querySelectorAll("main tbody tr[id]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (!next) return false;
    openerOf(next)?.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  function choose() {
    const box = document.activeElement.closest("tr")?.querySelector("input.choose");
    box?.click();
    return Boolean(box);
  }
  function search() {
    const field = document.querySelector("main input[type=search]");
    field?.focus();
    return Boolean(field);
  }
  const isInRow = () => Boolean(document.activeElement.closest("tbody tr[id]"));
  const isFree = () => document.activeElement === document.body;
  const KEYS = {
    "?": () => click("#open-shortcuts"),
    "/": search,
    j: () => click("#older") || move(1),
    k: () => click("#newer") || move(-1),
    ArrowDown: () => isInRow() && move(1),
    ArrowUp: () => isInRow() && move(-1),
    ArrowRight: () => isFree() && click("#older"),
    ArrowLeft: () => isFree() && click("#newer"),
    x: choose,
    p: () => click("[data-holds]"),
    u: () => click("#back"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || dialog.open || !isOn()) return;
    const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (isTyping || document.querySelector(".dropdown-menu.show")) return;
    if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) event.preventDefault();
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    const box = document.getElementById("shortcuts-on");
    if (box) box.checked = isOn();
  });
  document.body.addEventListener("change", (event) => {
    if (event.target.id !== "shortcuts-on") return;
    if (event.target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
})();

"use strict";
// Forms that save when one moves to another screen: menu, next, tab, closing. A refused save keeps one here.
const formNow = () => document.querySelector("form[data-saves]");
const textOf = (form) => {
  const data = new FormData(form);
  ["next", "tab", "version", "csrf_token"].forEach((name) => data.delete(name));
  return new URLSearchParams(data).toString();
};
let saved = "";
let leaving = false;
function remember() {
  const form = formNow();
  if (!form) return;
  saved = form.dataset.refused ? null : textOf(form); // what was refused is not saved, whatever it is
  const first = form.querySelector(".is-invalid");
  if (first) (first.matches("textarea") ? first.closest("[data-domains]").querySelector(".domain-add input") || first : first).focus();
  showCeiling();
}
const isDirty = () => formNow() && textOf(formNow()) !== saved;
function save(next) {
  const form = formNow();
  form.elements.next.value = next;
  form.requestSubmit();
}

document.body.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  if (link.hasAttribute("data-discards")) { leaving = true; return; }
  if (!isDirty() || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  save(link.pathname + link.search);
});
document.body.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-domain-tab]");
  if (!tab) return;
  const form = formNow();
  form.elements.tab.value = tab.dataset.domainTab;
  form.querySelectorAll("[data-domain-tab]").forEach((each) => {
    const chosen = each === tab;
    each.classList.toggle("active", chosen);
    each.setAttribute("aria-selected", String(chosen));
    document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
  });
  if (isDirty()) save("");
});
document.body.addEventListener("input", () => {
  const state = document.getElementById("save-state");
  if (state && isDirty()) { state.textContent = formNow().dataset.unsaved; }
  showCeiling();
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("[data-after-saving]") && isDirty()) { event.preventDefault(); save(""); }
});
document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector("form[data-saves]") || event.target.matches("form[data-saves]")) remember(); });
document.body.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
});

// Closing the window: what is right is saved on the way out; what was refused is asked about first.
window.addEventListener("beforeunload", (event) => {
  const form = formNow();
  if (!leaving && form && form.dataset.refused) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  const form = formNow();
  if (leaving || !form || form.dataset.refused || !isDirty()) return;
  form.elements.next.value = "";
  fetch(form.getAttribute("hx-post"), { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true, headers: { "HX-Request": "true", "X-CSRFToken": form.elements.csrf_token.value } });
});

function showCeiling() {
  const box = document.getElementById("ceiling");
  if (!box) return;
  const read = (id, locked) => {
    const field = document.getElementById(id);
    const number = Number((field.value || locked).normalize("NFKC"));
    const inside = Number.isInteger(number) && number >= Number(field.dataset.minimum) && number <= Number(field.dataset.maximum);
    return inside ? number : NaN;
  };
  const sessions = read("receiving.max_sessions", box.dataset.lockedSessions);
  const interval = read("receiving.interval_ms", box.dataset.lockedInterval);
  const write = (value) => (Number.isFinite(value) ? value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 3 }) : "–");
  document.getElementById("per-second").textContent = write((sessions * 1000) / interval);
  document.getElementById("per-hour").textContent = write((sessions * 3600000) / interval);
}
remember();

"use strict";
// Forms that save when one moves to another screen: menu, next, tab, language, closing. What cannot be saved is asked about.
const formNow = () => document.querySelector("form[data-saves]");
const OWN_FIELDS = ["next", "tab", "version", "seen", "csrf_token"]; // of the form itself: no settings
const dataOf = (form) => {
  const data = new FormData(form);
  OWN_FIELDS.forEach((name) => data.delete(name));
  return data;
};
const textOf = (form) => new URLSearchParams(dataOf(form)).toString();
let saved = "";
let leaving = false; // somebody said what becomes of the input, or nothing of it is left to be saved
let sent = ""; // what the save under way holds
let going = null; // what happens once the form is saved; gets the place that the server names
function remember() {
  const form = formNow();
  if (!form) return;
  saved = form.dataset.refused || "restored" in form.dataset ? null : textOf(form); // what was refused is not saved, whatever it is
  const first = form.querySelector(".is-invalid");
  if (first) (first.matches("textarea") ? first.closest("[data-domains]")?.querySelector(".domain-add input") || first : first).focus();
  showCeiling();
}
const isDirty = () => formNow() && textOf(formNow()) !== saved;
function save(next, go) {
  const form = formNow();
  going = go || null;
  form.elements.next.value = next;
  form.requestSubmit();
}

/* --- ways out: each saves first --- */
document.body.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  if (link.hasAttribute("data-discards")) { leaving = true; forget(); return; }
  if (!isDirty() || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  save(link.pathname + link.search, () => location.assign(link.href));
});
document.body.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-discards") && !event.defaultPrevented) { leaving = true; forget(); return; }
  if (leaving || event.defaultPrevented || form === formNow() || form.hasAttribute("hx-post") || !isDirty()) return;
  event.preventDefault(); // the language, for example: what it answers must already show what was typed
  const button = event.submitter;
  save(".", (place) => {
    leaving = true;
    if (place && form.elements.back) form.elements.back.value = place;
    form.requestSubmit(button);
  });
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
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
  });
  if (isDirty()) save("");
});
document.body.addEventListener("input", (event) => {
  const state = document.getElementById("save-state");
  if (state && event.target.form === formNow() && isDirty()) { state.textContent = formNow().dataset.unsaved; }
  showCeiling();
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("[data-after-saving]") && isDirty()) { event.preventDefault(); save(""); }
});

/* --- what came of it --- */
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (!event.target.querySelector("form[data-saves]") && !event.target.matches("form[data-saves]")) return;
  remember();
  const go = going;
  if (formNow().dataset.refused) { if (go) askToLeave(go); return; }
  forget();
  going = null;
  if (go) go();
});
document.body.addEventListener("htmx:beforeOnLoad", (event) => {
  const place = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!place) return;
  leaving = true;
  forget();
  if (!going) return;
  event.preventDefault();
  going(place);
});

/* --- a form that cannot be saved does not hold one there --- */
function askToLeave(go) {
  const box = document.getElementById("leave");
  const told = [...formNow().querySelectorAll(".field-error, #conflict strong")].map((each) => {
    const label = each.closest(".field")?.querySelector("label, .label").firstChild.textContent.trim();
    return label ? `${label}: ${each.textContent}` : each.textContent;
  });
  document.getElementById("leave-faults").replaceChildren(...told.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
  box.returnValue = "";
  box.showModal();
  box.onclose = () => {
    going = null;
    if (box.returnValue === "keep") keep();
    if (box.returnValue === "discard") forget();
    if (["keep", "discard"].includes(box.returnValue)) { leaving = true; go(); } else remember();
  };
}
document.body.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-leave]");
  if (choice) document.getElementById("leave").close(choice.dataset.leave);
});

/* --- input that is kept unsaved, in this window and for this address, until one comes back --- */
const keptAt = `kept:${location.pathname}`;
const RELOAD_MS = 10000; // what was also sent on the way out is asked about only by the reload that follows at once
const keep = (sentAt) => sessionStorage.setItem(keptAt, JSON.stringify({ sentAt, fields: [...dataOf(formNow())].map(hideSecret) }));
// No secret is kept in the browser: in its place the mask, which stands for what is saved, or nothing. A mask that was left as it is stays.
const SECRET = /\.(password|api_key|basic|bearer)$/;
const hideSecret = ([name, value]) => {
  const mask = formNow().dataset.mask;
  if (!SECRET.test(name) || !value || value === mask) return [name, value];
  return [name, name.endsWith(".password") || !formNow().elements[name].defaultValue ? "" : mask];
};
const forget = () => sessionStorage.removeItem(keptAt);
function restore() {
  const kept = JSON.parse(sessionStorage.getItem(keptAt));
  const form = formNow();
  if (!kept || !form) return;
  forget();
  if (kept.sentAt && Date.now() - kept.sentAt > RELOAD_MS) return;
  const values = new FormData(); // the server puts it into the form: it knows rows, marks and what is wrong
  kept.fields.forEach(([name, value]) => values.append(name, value));
  OWN_FIELDS.forEach((name) => form.elements[name] && values.set(name, form.elements[name].value));
  values.set("restores", "yes");
  htmx.ajax("POST", form.getAttribute("hx-post"), { target: "#settings-screen", swap: "innerHTML", values });
}

/* --- the form follows what is saved elsewhere, as long as nothing was typed into it --- */
const isClean = (form) => !form.dataset.refused && !isDirty();
document.body.addEventListener("htmx:afterSwap", (event) => {
  const state = event.target.matches("[data-draft-version]") ? event.target : event.target.querySelector("[data-draft-version]");
  const form = formNow();
  if (!form || !state || event.target.contains(form) || form.elements.version.value === state.dataset.draftVersion) return;
  if (isClean(form)) htmx.ajax("GET", form.dataset.saves, { target: "#settings-screen", swap: "innerHTML" });
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === formNow()) sent = textOf(event.target);
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, xhr } = event.detail;
  if (target.id !== "settings-screen" || xhr.getResponseHeader("HX-Redirect")) return;
  const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("form[data-saves]");
  const form = formNow();
  if (requestConfig.verb !== "get") {
    // what was typed while the save was under way stays; the next save tells what is wrong with it
    if (requestConfig.elt !== form || going || textOf(form) === sent) return;
    event.detail.shouldSwap = false;
    if (!fresh || fresh.dataset.refused) return;
    ["version", "seen"].forEach((name) => { form.elements[name].value = fresh.elements[name].value; });
    saved = sent;
    return;
  }
  const isSame = fresh?.elements.seen.value === form.elements.seen.value; // something else of the composition was saved
  if (isSame) form.elements.version.value = fresh.elements.version.value;
  if (isSame || !isClean(form)) event.detail.shouldSwap = false;
});

// Closing or reloading the window: what is right is saved on the way out; what was refused is asked about first.
window.addEventListener("beforeunload", (event) => {
  const form = formNow();
  if (!leaving && form && form.dataset.refused) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  const form = formNow();
  if (leaving || !form || !isDirty()) return;
  keep(form.dataset.refused ? 0 : Date.now());
  if (form.dataset.refused) return;
  form.elements.next.value = form.dataset.saves;
  fetch(form.getAttribute("hx-post"), { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true, headers: { "HX-Request": "true", "X-CSRFToken": form.elements.csrf_token.value } });
});

function showCeiling() {
  const box = document.getElementById("ceiling");
  if (!box) return;
  const read = (id, locked) => {
    const field = document.getElementById(id);
    const number = readNumber(field.value || locked);
    return number >= Number(field.dataset.minimum) && number <= Number(field.dataset.maximum) ? number : NaN;
  };
  const sessions = read(`${box.dataset.server}.max_sessions`, box.dataset.lockedSessions);
  const interval = read(`${box.dataset.server}.interval_ms`, box.dataset.lockedInterval);
  const write = (value) => (Number.isFinite(value) ? value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 3 }) : "–");
  document.getElementById("per-second").textContent = write((sessions * 1000) / interval);
  document.getElementById("per-hour").textContent = write((sessions * 3600000) / interval);
}
// As the server reads numbers: full-width digits and separators of thousands are welcome.
function readNumber(text) {
  const plain = text.normalize("NFKC").trim();
  return /^[0-9]+$|^[0-9]{1,3}(,[0-9]{3})+$/.test(plain) ? Number(plain.replaceAll(",", "")) : NaN;
}
remember();
restore();

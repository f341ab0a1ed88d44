"use strict";
// What every page needs: CSRF for htmx, one event stream, the dialog, and saving before one leaves a form.
const body = document.body;
body.addEventListener("htmx:configRequest", (event) => {
  // read anew each time: connection.js takes the token of a new session
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});

/* --- live: the stream names the topics that changed, htmx fetches what shows them --- */
const LIVE_MS = 500;
const due = new Map();
function announce(topic) {
  // trailing throttle: never more than one fetch a topic and half second, and the last change is never lost
  const entry = due.get(topic) || { last: 0, timer: 0 };
  due.set(topic, entry);
  if (entry.timer) return;
  const wait = Math.max(0, entry.last + LIVE_MS - Date.now());
  entry.timer = setTimeout(() => {
    entry.timer = 0;
    entry.last = Date.now();
    htmx.trigger(body, `cmc:${topic}`);
  }, wait);
}
const live = document.getElementById("live");
const liveTitle = live.title;
const AGAIN_MS = 2000;
let stream = null;
let seen = body.dataset.since; // the number of the last change this page knows: the server begins with what came after it
function openStream() {
  const place = new URL(body.dataset.stream, location.href);
  place.searchParams.set("since", seen);
  stream = new EventSource(place);
  stream.addEventListener("hello", () => {
    live.className = "live on";
    live.title = liveTitle;
  });
  stream.addEventListener("changed", (event) => {
    seen = event.lastEventId;
    event.data.split(" ").forEach(announce);
  });
  stream.addEventListener("telemetry", (event) => {
    document.dispatchEvent(new CustomEvent("cmc:telemetry", { detail: JSON.parse(event.data) }));
  });
  stream.onerror = () => {
    live.className = "live off";
    live.title = body.dataset.textLost;
    document.dispatchEvent(new Event("cmc:lost")); // connection.js says why
    // a browser tries again by itself after a lost connection, but not after an answer like 503 (all places taken)
    if (stream.readyState === EventSource.CLOSED) setTimeout(openStream, AGAIN_MS);
  };
}
if (body.dataset.stream) openStream();
// A page kept in the back/forward cache would hold its stream, one of the six connections a browser has for us.
window.addEventListener("pagehide", () => stream && stream.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

/* --- notices: a failed request is never silent --- */
function notice(text) {
  const box = document.createElement("div");
  box.className = "alert alert-warning shadow py-2 mb-2";
  box.textContent = text;
  document.getElementById("notices").append(box);
  setTimeout(() => box.remove(), 8000);
}
body.addEventListener("htmx:responseError", (event) => {
  const isConnection = [400, 401].includes(event.detail.xhr.status); // connection.js says why
  if (event.detail.requestConfig.verb !== "get" && !isConnection) notice(body.dataset.textFailed);
});
body.addEventListener("htmx:sendError", () => { live.className = "live off"; });

/* --- what is fetched anew and is the same stays as it is: nothing blinks, nothing is read out twice --- */
const shownNow = new WeakMap();
body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, requestConfig } = event.detail;
  if (!requestConfig.triggeringEvent?.type.startsWith("cmc:")) return;
  if (shownNow.get(target) === xhr.responseText) event.detail.shouldSwap = false;
  shownNow.set(target, xhr.responseText);
});

/* --- the dialog: whatever is swapped into it opens it; focus goes back to what opened it, or to its place --- */
const dialog = document.getElementById("dialog");
let openers = [];
function giveBackFocus() {
  const place = openers.map((id) => document.getElementById(id)).find((each) => each && each.checkVisibility());
  if (!place || document.activeElement !== body) return;
  if (place.tabIndex < 0) place.tabIndex = -1;
  place.focus();
}
body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target !== dialog || dialog.open) return;
  openers = [];
  for (let each = event.detail.elt; each && each !== body; each = each.parentElement) if (each.id) openers.push(each.id);
});
body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (dialog.children.length === 0) dialog.close();
  else if (!dialog.open) dialog.showModal();
});
body.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-dialog]")) dialog.close();
  if (event.target.closest("[data-downloads]")) setTimeout(() => dialog.close()); // once its form was sent
});
dialog.addEventListener("close", () => { dialog.replaceChildren(); giveBackFocus(); });
body.addEventListener("htmx:afterSettle", () => { if (!dialog.open) giveBackFocus(); }); // the opener was fetched anew
["keydown", "pointerdown"].forEach((name) => body.addEventListener(name, () => { if (!dialog.open) openers = []; }, true));

/* --- results appear beside what was pressed: if they lie out of sight, they come into it --- */
body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.matches(".result")) event.detail.target.scrollIntoView({ block: "nearest" });
});

/* --- tabs by arrow keys (WAI-ARIA Authoring Practices: tabs) --- */
body.addEventListener("keydown", (event) => {
  const tab = event.target.closest("[role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!tab || !step) return;
  const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  const at = Math.abs(step) === 1 ? (tabs.indexOf(tab) + step + tabs.length) % tabs.length : step < 0 ? 0 : tabs.length - 1;
  event.preventDefault();
  tabs[at].focus();
  tabs[at].click();
});

/* --- what scrolls in a frame of its own can be reached by the keyboard, and says what it is --- */
function nameScrolling() {
  document.querySelectorAll(".table-responsive, pre.octets, .dialogue").forEach((each) => {
    const scrolls = each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight + 1;
    if (scrolls && !each.hasAttribute("role")) {
      const heading = each.closest("dialog, section, main").querySelector("h1, h2, h3") || document.querySelector("h1");
      Object.assign(each, { tabIndex: 0, ariaLabel: heading.textContent.trim() });
      if (!each.matches("ol")) each.setAttribute("role", "region");
    }
  });
}
// A row of a table that does not fit becomes a card (console.css): each value with the name of its column.
function nameCells() {
  document.querySelectorAll("table.stack, table.stack-small").forEach((table) => {
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    [...table.tBodies].forEach((part) => [...part.rows].forEach((row) => {
      let at = 0; // the column: a cell may span several
      [...row.cells].forEach((cell) => { cell.dataset.label = names.slice(at, at + cell.colSpan).join(" → "); at += cell.colSpan; });
    }));
  });
}
body.addEventListener("htmx:afterSwap", nameCells);
nameCells();
["htmx:afterSettle", "toggle"].forEach((name) => body.addEventListener(name, nameScrolling, true));
window.addEventListener("resize", nameScrolling);
nameScrolling();

/* --- small things that need no server --- */
body.addEventListener("input", (event) => {
  const typed = event.target.closest("[data-unlocks]");
  if (typed) document.getElementById(typed.dataset.unlocks).disabled = typed.value !== typed.dataset.word;
});
body.addEventListener("change", (event) => {
  const field = event.target.closest("[data-submits]");
  if (field) field.form.requestSubmit();
});
body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  navigator.clipboard.writeText(button.dataset.copies).then(() => {
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 2000);
  });
});

body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fills]");
  if (!button) return;
  const field = document.getElementById(button.dataset.fills);
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

/* --- times that count down (the next try of a webhook) --- */
function countDown() {
  document.querySelectorAll("[data-due-at]").forEach((place) => {
    const left = Math.max(0, Math.round(Number(place.dataset.dueAt) - Date.now() / 1000));
    const parts = left >= 3600 ? [Math.floor(left / 3600), Math.floor((left % 3600) / 60), left % 60] : [Math.floor(left / 60), left % 60];
    place.textContent = parts.map((part, n) => (n ? String(part).padStart(2, "0") : part)).join(":");
  });
}
setInterval(countDown, 500);
body.addEventListener("htmx:afterSwap", countDown); // a list that is fetched anew must not blink
countDown();

/* --- forms that ask first --- */
body.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.asks || event.target.dataset.asks;
  if (question && !window.confirm(question)) event.preventDefault();
});

/* --- forms that are saved by their button alone: nothing that was typed is left behind without a question --- */
const typedIn = (form) => {
  const data = new FormData(form);
  data.delete("csrf_token"); // connection.js gives it the one of a new session
  return new URLSearchParams(data).toString();
};
const isRefused = (form) => form.querySelector(".is-invalid, [role=alert]") !== null; // as it is shown it is not saved
const guarded = [...document.querySelectorAll("form[data-guards]")].map((form) => ({ form, saved: isRefused(form) ? null : typedIn(form) }));
let sending = null;
body.addEventListener("submit", (event) => { sending = event.defaultPrevented ? null : event.target; });
body.addEventListener("click", (event) => {
  if (event.target.closest("a[data-discards]")) guarded.length = 0;
});
window.addEventListener("beforeunload", (event) => {
  if (guarded.some(({ form, saved }) => form !== sending && typedIn(form) !== saved)) event.preventDefault();
});
window.addEventListener("pageshow", () => { sending = null; });

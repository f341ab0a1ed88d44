"use strict";
// The server is gone, was restarted, or this page is locked: say which, keep the input, go on as soon as it is back.
(() => {
  const ASK_MS = 1500;
  const box = document.createElement("div");
  box.className = "alert alert-danger shadow py-2 mb-2";
  box.id = "connection";
  box.setAttribute("role", "alert");
  let asking = 0; // the timer while something is wrong
  let tried = false; // something was to be sent meanwhile: then the return is told too
  const texts = document.body.dataset;

  function show(text, kind) {
    if (box.textContent === text && box.isConnected) return;
    box.className = `alert alert-${kind} shadow py-2 mb-2`;
    box.textContent = text;
    document.getElementById("notices").append(box);
  }
  function takeToken(token) {
    document.querySelector("meta[name=csrf-token]").content = token;
    document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = token; });
  }
  async function ask() {
    clearTimeout(asking);
    asking = setTimeout(ask, ASK_MS);
    let answer;
    try {
      answer = await fetch("/session", { cache: "no-store" });
    } catch {
      show(texts.textUnreachable, "danger");
      return;
    }
    if (answer.status === 401) {
      show(texts.textLocked, "danger");
    } else if (answer.ok) {
      takeToken((await answer.json()).csrf);
      clearTimeout(asking);
      asking = 0;
      if (tried) show(texts.textBack, "success");
      else box.remove();
      tried = false;
    }
  }
  const start = (isTried) => { tried ||= isTried; if (!asking) ask(); };
  document.body.addEventListener("htmx:sendError", (event) => start(event.detail.requestConfig.verb !== "get"));
  document.body.addEventListener("htmx:responseError", (event) => {
    // 400: the token of a form belongs to a session that was signed in before
    if ([400, 401].includes(event.detail.xhr.status)) start(event.detail.requestConfig.verb !== "get");
  });
  document.addEventListener("cmc:lost", () => start(false));
  // what is told of the return stays until the user goes on
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (!asking && event.detail.requestConfig.verb !== "get") box.remove();
  });
  // a form that the browser itself sends would leave the page for an error page, and its input with it
  document.body.addEventListener("submit", (event) => {
    if (!asking || event.target.matches("[hx-post]")) return;
    event.preventDefault();
    tried = true;
  }, true);
})();

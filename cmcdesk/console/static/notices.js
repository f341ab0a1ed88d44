"use strict";
// Notices for the desktop (a refused flood, a failing webhook, a run that ended), where the user allowed them. In the
// window the program itself shows them; there the web view refuses the permission, or knows no such thing.
(() => {
  const isWindow = navigator.userAgent.includes("cmcdesk-window");
  const state = document.getElementById("notify-state");
  const allow = document.getElementById("notify-allow");
  let newest = Number(document.body.dataset.newestNotice);

  function tellState() {
    if (!state || !("Notification" in window)) return;
    const isOpen = Notification.permission === "default";
    allow.hidden = !isOpen;
    const text = Notification.permission === "granted" ? state.dataset.textGranted : state.dataset.textDenied;
    state.textContent = isOpen || isWindow ? "" : text;
  }
  async function fetchNotices() {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const answer = await fetch(`/notices?after=${newest}`, { cache: "no-store" });
    if (!answer.ok) return;
    (await answer.json()).notices.forEach((each) => {
      newest = Math.max(newest, each.number);
      // the tag: several open pages show it once
      const shown = new Notification(each.title, { body: each.body, tag: `cmcdesk-${each.number}`, icon: "/static/icon.svg" });
      shown.onclick = () => { window.focus(); location.href = each.place; shown.close(); };
    });
  }
  document.body.addEventListener("cmc:notices", () => fetchNotices().catch(() => {})); // connection.js says what is wrong
  if (allow) allow.addEventListener("click", async () => { await Notification.requestPermission(); tellState(); });
  tellState();
})();

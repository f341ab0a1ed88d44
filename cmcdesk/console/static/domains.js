"use strict";
// A list of domains to add to, remove from and paste into. The text area below it stays what is sent.
const PRESS_MS = 300; // longer than a mouse button is held down in a click
function editDomains(box) {
  const area = box.querySelector("textarea");
  const list = box.querySelector("ul");
  const adding = box.querySelector(".domain-add");
  const wrong = new Set(box.dataset.wrong.split(",").filter(Boolean).map(Number));
  let domains = area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const show = () => {
    list.replaceChildren(...domains.map((domain, at) => {
      const item = document.createElement("li");
      item.append(domain);
      if (wrong.has(at)) item.className = "wrong";
      if (adding) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "×";
        button.setAttribute("aria-label", `${box.dataset.remove}: ${domain}`);
        button.addEventListener("click", () => { domains.splice(at, 1); wrong.clear(); put(); });
        item.append(button);
      }
      return item;
    }));
    list.hidden = domains.length === 0;
  };
  const put = (showing = show) => {
    area.value = domains.join("\n");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    showing();
  };
  const take = (showing) => {
    const field = adding.querySelector("input");
    const typed = field.value.split(/[\s,;、]+/).filter(Boolean);
    if (!typed.length) return;
    domains = [...domains, ...typed.filter((each, at) => typed.indexOf(each) === at && !domains.includes(each))];
    field.value = "";
    put(showing);
  };
  area.hidden = true;  // no class: while htmx settles, it gives an element that has an id back the class it was sent with
  show();
  if (!adding) return;
  adding.hidden = false;
  const field = adding.querySelector("input");
  adding.querySelector("button").addEventListener("click", () => { take(show); field.focus(); });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); take(show); } });
  field.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[\n,;、]/.test(text.trim())) return;
    event.preventDefault();
    field.value += ` ${text}`;
    take(show);
  });
  // What stands in the field when it is left counts as added: moving on saves it, and nothing typed is lost.
  // It is drawn a little later: a list that grew now would move the button that is just being pressed away from the mouse.
  field.addEventListener("change", () => take(() => setTimeout(show, PRESS_MS)));
}
const findDomains = () => document.querySelectorAll("[data-domains]:not([data-edited])").forEach((box) => {
  box.dataset.edited = "yes";
  editDomains(box);
});
findDomains();
document.body.addEventListener("htmx:afterSwap", findDomains);

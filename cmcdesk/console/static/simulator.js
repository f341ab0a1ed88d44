"use strict";
// Only the fields that count for the chosen kind of mail and shape; and what is typed while the panel is fetched anew stays.
(() => {
  const form = () => document.getElementById("traffic");
  function showFields() {
    if (!form()) return;
    const fields = form().elements;
    const [mail, shaped] = [fields.mail.value, fields.shape.value !== "constant"];
    const show = { kind: mail === "bounce", charset: mail === "form", spam: mail === "form", peak: shaped, period: shaped };
    Object.entries(show).forEach(([name, shown]) => { fields[name].closest("[class^=col]").hidden = !shown; });
  }
  document.body.addEventListener("change", showFields);

  /* --- the answer holds the fields as they were asked with: what was changed meanwhile is put back into them --- */
  const FETCHES = ["mail", "composition"]; // these ask for the panel themselves
  const asked = new WeakMap(); // request → the fields when it went out
  let changed = [];
  const read = () => new Map([...form().elements].filter((field) => field.matches("select, input:not([type=hidden])") && field.name)
    .map((field) => [field.name, field.value]));
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (form() && event.detail.target.contains(form())) asked.set(event.detail.xhr, read());
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const before = asked.get(event.detail.xhr);
    changed = before && form() ? [...read()].filter(([name, value]) => before.get(name) !== value) : [];
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    const fields = form()?.elements;
    const again = changed.filter(([name, value]) => {
      if (!fields?.[name]) return false;
      fields[name].value = value;
      return FETCHES.includes(name);
    });
    changed = [];
    showFields();
    again.slice(0, 1).forEach(([name]) => fields[name].dispatchEvent(new Event("change", { bubbles: true })));
  });
  showFields();
})();

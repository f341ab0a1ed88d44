"use strict";
// Only the fields that count for the chosen kind of mail and shape.
function showFields() {
  const form = document.getElementById("traffic");
  if (!form) return;
  const mail = form.elements.mail.value;
  const shaped = form.elements.shape.value !== "constant";
  const show = { kind: mail === "bounce", charset: mail === "form", spam: mail === "form", peak: shaped, period: shaped };
  Object.entries(show).forEach(([name, shown]) => { form.elements[name].closest("[class^=col]").hidden = !shown; });
}
document.body.addEventListener("change", showFields);
document.body.addEventListener("htmx:afterSwap", showFields);
showFields();

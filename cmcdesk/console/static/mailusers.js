"use strict";
// The users of SMTP AUTH: lines are added and removed.
document.body.addEventListener("click", (event) => {
  const rows = document.getElementById("mail-user-rows");
  if (!rows) return;
  if (event.target.closest("#add-mail-user")) {
    const taken = [...rows.querySelectorAll("input")].map((field) => Number(/\[(\d+)\]/.exec(field.name)[1]));
    const row = document.getElementById("mail-user-row").content.querySelector(".mail-user").cloneNode(true);
    row.querySelectorAll("input").forEach((field) => { field.name = field.name.replace("NEXT", Math.max(-1, ...taken) + 1); });
    rows.append(row);
    row.querySelector("input").focus();
  }
  const dropped = event.target.closest("[data-drop-user]");
  if (!dropped) return;
  dropped.closest(".mail-user").remove();
  const add = document.getElementById("add-mail-user");
  add.focus();
  document.querySelector("#mail-users input").dispatchEvent(new Event("input", { bubbles: true })); // the form has changed
});

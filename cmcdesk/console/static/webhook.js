"use strict";
// The form of a notification: condition rows, and handing a condition to the tester.
const rows = document.getElementById("conditions");
let nextIndex = rows.querySelectorAll(".condition").length;
document.getElementById("add-condition").addEventListener("click", () => {
  const row = document.getElementById("condition-row").content.querySelector(".condition").cloneNode(true);
  row.querySelectorAll("input").forEach((field) => { field.name = field.name.replace("[999]", `[${nextIndex}]`); field.value = ""; });
  nextIndex += 1;
  rows.append(row);
  row.querySelector("input").focus();
});
rows.addEventListener("click", (event) => {
  const row = event.target.closest(".condition");
  if (event.target.closest("[data-drop-condition]")) {
    if (rows.querySelectorAll(".condition").length > 1) row.remove();
    else row.querySelectorAll("input").forEach((field) => { field.value = ""; });
  }
  if (event.target.closest("[data-test-condition]")) {
    const [header, pattern] = row.querySelectorAll("input");
    document.getElementById("test-header").value = header.value;
    document.getElementById("test-pattern").value = pattern.value;
    document.getElementById("tester").requestSubmit();
  }
});

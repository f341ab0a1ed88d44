"use strict";
// The form of a notification: condition rows, and handing a condition to the tester.
document.body.addEventListener("click", (event) => {
  if (event.target.closest("#add-condition")) addRow();
  const row = event.target.closest(".condition");
  if (row && event.target.closest("[data-drop-condition]")) dropRow(row);
  if (row && event.target.closest("[data-test-condition]")) testRow(row);
});
const indexOf = (row) => Number(/\[(\d+)\]\.header$/.exec(row.querySelector("input").name)[1]);
function addRow() {
  const rows = document.getElementById("conditions");
  const next = Math.max(-1, ...[...rows.querySelectorAll(".condition")].map(indexOf)) + 1;
  const row = document.getElementById("condition-row").content.querySelector(".condition").cloneNode(true);
  row.querySelectorAll("input").forEach((field) => { field.name = field.name.replace("[999]", `[${next}]`); field.value = ""; });
  rows.append(row);
  row.querySelector("input").focus();
}
function dropRow(row) {
  const rows = row.parentElement;
  if (rows.querySelectorAll(".condition").length > 1) row.remove();
  else row.querySelectorAll("input").forEach((field) => { field.value = ""; });
  rows.querySelector("input").focus();
  rows.querySelector("input").dispatchEvent(new Event("input", { bubbles: true })); // the form has changed
}
function testRow(row) {
  const [header, pattern] = row.querySelectorAll("input");
  document.getElementById("test-header").value = header.value;
  document.getElementById("test-pattern").value = pattern.value;
  document.getElementById("tester").requestSubmit();
}

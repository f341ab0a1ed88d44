"use strict";
// A lesson beside the page: the controls of the step that is next stand out, the panel folds, what turned green is said.
const lessonPanel = document.getElementById("lesson-panel");
if (lessonPanel) {
  const news = document.getElementById("lesson-news");
  const fold = document.getElementById("lesson-fold");
  const now = () => document.getElementById("lesson-now");
  const bar = document.querySelector(".desk-bar");
  const FOLDED = "lesson-folded";
  const STEP_MARGIN = 12; // pixels above the step that is next
  let green = now()?.dataset.green;

  const visible = () => {
    const wanted = now()?.dataset.controls;
    return wanted ? [...document.querySelectorAll(wanted)].filter((each) => each.checkVisibility()) : [];
  };
  const markControls = () => {
    const found = new Set(visible());
    document.querySelectorAll(".lesson-here").forEach((each) => found.has(each) || each.classList.remove("lesson-here"));
    found.forEach((each) => each.classList.add("lesson-here"));
    const show = document.getElementById("lesson-show");
    if (show) show.hidden = found.size === 0;
  };
  const makeRoom = () => {
    const { style } = document.documentElement;
    style.setProperty("--lesson-sheet", `${lessonPanel.offsetHeight}px`);
    style.setProperty("--lesson-top", `${bar.offsetHeight}px`);
  };
  const showStep = () => {
    const list = document.getElementById("lesson-body");
    const step = list.querySelector(".lesson-step.now, #lesson-done");
    if (step) list.scrollTop += step.getBoundingClientRect().top - list.getBoundingClientRect().top - STEP_MARGIN;
  };
  const setFolded = (isFolded) => {
    lessonPanel.classList.toggle("folded", isFolded);
    document.body.classList.toggle("lesson-beside", !isFolded);
    document.body.classList.toggle("lesson-folded", isFolded);
    fold.setAttribute("aria-expanded", String(!isFolded));
    makeRoom();
  };

  fold.addEventListener("click", () => {
    const isFolded = !lessonPanel.classList.contains("folded");
    sessionStorage.setItem(FOLDED, isFolded ? "yes" : "");
    setFolded(isFolded);
  });
  lessonPanel.addEventListener("click", (event) => {
    if (!event.target.closest("#lesson-show")) return;
    const control = visible()[0];
    if (!control) return;
    control.scrollIntoView({ block: "center" });
    const inner = "input:not([type=hidden]), select, textarea, button, a[href]";
    (control.matches(`${inner}, [tabindex]`) ? control : control.querySelector(inner) || lessonPanel).focus({ preventScroll: true });
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    markControls();
    if (event.detail.target?.id !== "lesson-body" || !now()) return;
    if (green === now().dataset.green) return;
    news.textContent = now().dataset.news;
    green = now().dataset.green;
    showStep();
  });
  ["click", "keyup"].forEach((name) => document.body.addEventListener(name, () => setTimeout(markControls)));
  document.getElementById("dialog").addEventListener("close", () => setTimeout(markControls));
  const sizes = new ResizeObserver(makeRoom);
  [lessonPanel, bar].forEach((each) => sizes.observe(each));
  setFolded(sessionStorage.getItem(FOLDED) === "yes");
  markControls();
  showStep();
}
document.getElementById("print-overview")?.addEventListener("click", () => window.print());

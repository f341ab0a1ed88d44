"use strict";
// In the head and not deferred, so that the first paint already has the right colours. Paper is light in every theme.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let isOnPaper = false;
  const paint = () => {
    const { theme } = document.documentElement.dataset;
    const chosen = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    document.documentElement.dataset.bsTheme = isOnPaper ? "light" : chosen;
    document.dispatchEvent(new Event("cmc:theme")); // graphs are drawn anew
  };
  dark.addEventListener("change", paint);
  window.addEventListener("beforeprint", () => { isOnPaper = true; paint(); });
  window.addEventListener("afterprint", () => { isOnPaper = false; paint(); });
  paint();
})();

"use strict";
// In the head and not deferred, so that the first paint already has the right colours.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const chosen = document.documentElement.dataset.theme;
    document.documentElement.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  };
  dark.addEventListener("change", paint);
  paint();
})();

import js from "@eslint/js";
import globals from "globals";

const FROM_VENDOR = { bootstrap: "readonly", htmx: "readonly", uPlot: "readonly", Idiomorph: "readonly" };

// Plain scripts, loaded in the order of base.html; the live monitor is made of modules.
export default [
  js.configs.recommended,
  {
    files: ["cmcdesk/console/static/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "script", globals: { ...globals.browser, ...FROM_VENDOR } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["cmcdesk/console/static/{lanes,monitor}.js"],
    languageOptions: { sourceType: "module" },
  },
];

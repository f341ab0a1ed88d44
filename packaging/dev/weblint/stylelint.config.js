// The styles are written densely, one rule a line and in the order of the pages; everything else is as the standard says.
export default {
  extends: "stylelint-config-standard",
  rules: {
    "at-rule-empty-line-before": null,
    "comment-empty-line-before": null,
    "declaration-block-single-line-max-declarations": null,
    "no-descending-specificity": null,
    "rule-empty-line-before": null,
    "alpha-value-notation": "number",
    "media-feature-range-notation": "prefix",
    "value-keyword-case": ["lower", { ignoreKeywords: ["currentColor"], ignoreProperties: ["/font/", "/^--/"] }],
  },
};

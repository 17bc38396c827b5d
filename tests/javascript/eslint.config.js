// Lint of the scripts that the pages load, and of their tests.
import js from "@eslint/js";

const named = (...names) => Object.fromEntries(names.map((name) => [name, "readonly"]));
const BROWSER = named(
    "AbortController", "CSS", "FormData", "Option", "clearTimeout", "console", "document", "fetch", "localStorage", "queueMicrotask",
    "setTimeout", "window",
);
const NODE = named("AbortController", "URL", "clearTimeout", "console", "queueMicrotask", "setTimeout");

export default [
    // Vendored as it comes.
    { ignores: ["visits/static/visits/leaflet-*/**"] },
    js.configs.recommended,
    { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" } },
    {
        files: ["backoffice/static/**/*.js", "cases/static/**/*.js", "visits/static/**/*.js"],
        languageOptions: { sourceType: "script", globals: BROWSER },
    },
    { files: ["tests/javascript/**/*.js"], languageOptions: { sourceType: "module", globals: NODE } },
];

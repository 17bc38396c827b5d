// Lint of the scripts that the pages load, and of their tests.
import js from "@eslint/js";

const named = (...names) => Object.fromEntries(names.map((name) => [name, "readonly"]));
const BROWSER = named(
    "AbortController", "CSS", "FormData", "Option", "clearTimeout", "console", "document", "fetch", "localStorage", "queueMicrotask",
    "setTimeout", "window",
);
// What the crew's page uses beside that: it is made of modules and has a service worker.
const FIELD = named(
    "Blob", "DataView", "Intl", "MediaRecorder", "TextDecoder", "TextEncoder", "URL", "atob", "btoa", "caches", "createImageBitmap",
    "crypto", "location", "navigator", "structuredClone",
);
const NODE = named("AbortController", "URL", "clearTimeout", "console", "queueMicrotask", "setTimeout");

export default [
    // Vendored as it comes.
    { ignores: ["visits/static/visits/leaflet-*/**", "visits/static/visits/idb-*/**"] },
    js.configs.recommended,
    { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" } },
    {
        files: ["backoffice/static/**/*.js", "cases/static/**/*.js", "visits/static/**/*.js"],
        languageOptions: { sourceType: "script", globals: BROWSER },
    },
    { files: ["visits/static/visits/field/**/*.js"], languageOptions: { sourceType: "module", globals: FIELD } },
    {
        files: ["visits/static/visits/field/worker.js"],
        languageOptions: { sourceType: "script", globals: named("Request", "SHELL", "URL", "caches", "fetch", "self") },
    },
    { files: ["tests/javascript/**/*.js"], languageOptions: { sourceType: "module", globals: NODE } },
];

// The service worker: keeps the files of the page, so that it opens without a connection. `SHELL` stands above this text.
//
// Kept are the page's own files and the page itself, which hold nothing about anybody's visits. Answers to data are never kept
// here: they would lie in clear. The page keeps them sealed. Nothing that changes something (POST) passes through here.
const FILES = `doorstep-field-files-${SHELL.version}`;
const PAGE = "doorstep-field-page";
const ADDRESS = "/field/";

self.addEventListener("install", (event) => {
    event.waitUntil((async () => {
        const cache = await caches.open(FILES);
        await cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" })));
        await self.skipWaiting();
    })());
});

self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
        for (const name of await caches.keys()) {
            if (name.startsWith("doorstep-field-files-") && name !== FILES) await caches.delete(name);
        }
        await self.clients.claim();
        // The first visit of the page was not answered by this worker: fetch it once, so that the next one may be offline.
        if (!(await caches.match(ADDRESS, { cacheName: PAGE }))) await fromNetwork(new Request(ADDRESS, { credentials: "same-origin" })).catch(() => {});
    })());
});

self.addEventListener("fetch", (event) => {
    const { request } = event, address = new URL(request.url);
    if (request.method !== "GET" || address.origin !== self.location.origin) return;
    if (request.mode === "navigate" && address.pathname === ADDRESS) event.respondWith(page(request));
    else if (SHELL.files.includes(address.pathname)) event.respondWith(file(request));
});

async function page(request) {
    try {
        return await fromNetwork(request);
    } catch (error) {
        const kept = await caches.match(ADDRESS, { cacheName: PAGE });
        if (kept) return kept;
        throw error;
    }
}

/** Fetch the page; only a page that the server gave to somebody who is signed in is kept. */
async function fromNetwork(request) {
    const answer = await fetch(request);
    if (answer.status >= 500) throw new Error(String(answer.status));
    if (answer.ok && !answer.redirected) {
        const cache = await caches.open(PAGE);
        await cache.put(ADDRESS, answer.clone());
    }
    return answer;
}

async function file(request) {
    const kept = await caches.match(request, { cacheName: FILES, ignoreSearch: true });
    return kept ?? fetch(request);
}

// The live part of a run's page without a browser: when it is fetched, how long it waits, and when it stops.
import assert from "node:assert/strict";
import test from "node:test";

import { loaded } from "./browser.js";

/**
 * Return the page of a run that is RUNNING. `answers` are what the server says one after another: a body, a status, or
 * null for a connection that fails. `next()` lets the next wait end and returns its length, or null when nothing waits.
 */
function run({ answers = [], live = "true", hidden = false } = {}) {
    const part = { dataset: { live, state: "RUNNING", source: "/live/" }, innerHTML: "old" };
    const waits = [], fetched = [];
    const page = { reloaded: 0 };
    const document = { readyState: "complete", hidden, getElementById: () => part, addEventListener: () => {} };
    loaded(["run.js"], {
        document,
        fetch: async (address) => {
            fetched.push(address);
            const answer = answers.shift();
            if (answer === null) throw new Error("connection refused");
            if (typeof answer === "number") return { ok: answer < 400, status: answer, redirected: answer === 200 };
            return { ok: true, redirected: false, status: 200, json: async () => answer };
        },
        window: { setTimeout: (work, wait) => waits.push([work, wait]), location: { reload: () => (page.reloaded += 1) } },
    }, "cases/static/cases/");
    const next = async () => {
        if (!waits.length) return null;
        const [work, wait] = waits.shift();
        await work();
        return wait;
    };
    return { part, fetched, page, document, next };
}

test("the part is replaced every two seconds while the run works", async () => {
    const { part, fetched, next } = run({ answers: [{ html: "one", state: "RUNNING", live: true }, { html: "two", state: "RUNNING", live: true }] });

    assert.deepEqual([await next(), await next()], [2000, 2000]);
    assert.equal(part.innerHTML, "two");
    assert.deepEqual(fetched, ["/live/", "/live/"]);
});

test("another state loads the whole page, because the buttons depend on it", async () => {
    const { page, next } = run({ answers: [{ html: "held", state: "HELD", live: true }] });
    await next();

    assert.equal(page.reloaded, 1);
    assert.equal(await next(), null);
});

test("a run that has stopped moving is fetched no more", async () => {
    const { part, next } = run({ answers: [{ html: "stopped", state: "RUNNING", live: false }] });
    await next();

    assert.equal(part.innerHTML, "stopped");
    assert.equal(await next(), null);
});

test("each failure doubles the wait until the script stops, and a success makes it short again", async () => {
    const again = run({ answers: [null, 503, { html: "back", state: "RUNNING", live: true }, 200] });
    assert.deepEqual([await again.next(), await again.next(), await again.next(), await again.next()], [2000, 4000, 8000, 2000]);
    const away = run({ answers: [null, null, null, null, null, null] });
    const waits = [];
    for (let wait = await away.next(); wait !== null; wait = await away.next()) waits.push(wait);

    assert.deepEqual(waits, [2000, 4000, 8000, 16000, 30000]);
    assert.equal(away.part.innerHTML, "old");
});

test("a hidden page asks nothing and goes on when it is seen", async () => {
    const { document, fetched, next } = run({ answers: [{ html: "seen", state: "RUNNING", live: true }], hidden: true });
    await next();
    assert.deepEqual(fetched, []);
    document.hidden = false;
    await next();

    assert.deepEqual(fetched, ["/live/"]);
});

test("a finished run's page is left alone", async () => {
    assert.equal(await run({ live: "false" }).next(), null);
});

// The mapper of intake profiles without a browser: when it asks for the preview, and which parts it replaces.
import assert from "node:assert/strict";
import test from "node:test";

import { loaded } from "./browser.js";

/** Return a field of the form that records what is shown in it. */
function field(key) {
    const parts = { ".pm-example": { innerHTML: "old" }, ".pm-options": { innerHTML: "old" } };
    const classes = {};
    return { dataset: { key }, parts, classes, querySelector: (name) => parts[name], classList: { toggle: (name, on) => (classes[name] = on) } };
}

/**
 * Return the page of the mapper. `answers` are what the server says one after another: a body, a status, or a promise of
 * one of them. `change(name)` changes a control of the form; `next()` lets the last planned wait end.
 */
function mapper(answers) {
    const fields = [field("account.as_of")], listeners = {}, asked = [];
    let planned = null;
    const bare = () => ({ innerHTML: "old", waits: false, classList: { add() { this.on = true; }, remove() { this.on = false; } } });
    const preview = bare(), columns = bare();
    const form = { dataset: { source: "/preview/" }, querySelectorAll: () => fields, addEventListener: (name, work) => (listeners[name] = work) };
    const elements = { mapper: form, "mapper-preview": preview, "mapper-columns": columns };
    loaded(["mapper.js"], {
        document: { readyState: "complete", getElementById: (name) => elements[name] },
        FormData: class {},
        fetch: async (address, options) => {
            asked.push([address, options.method]);
            const answer = await answers.shift();
            return typeof answer === "number" ? { ok: false, status: answer } : { ok: true, redirected: false, json: async () => answer };
        },
        window: { setTimeout: (work) => (planned = work), clearTimeout: () => (planned = null) },
    }, "cases/static/cases/");
    const change = (name, type = "select-one") => listeners.change({ target: { name, type } });
    const next = async () => { const work = planned; planned = null; if (work) await work(); return work !== null; };
    return { fields, preview, columns, asked, change, next };
}

const answer = (preview, options = null) => ({ preview, columns: "columns", cards: { "account.as_of": { example: "example", options, missing: true, unused: false } } });

test("a change asks for the preview and replaces its parts, and options only where the server sends some", async () => {
    const page = mapper([answer("one"), answer("two", "new options")]);
    page.change("account.as_of");
    await page.next();

    assert.deepEqual(page.asked, [["/preview/", "POST"]]);
    assert.deepEqual([page.preview.innerHTML, page.columns.innerHTML], ["one", "columns"]);
    assert.deepEqual(page.fields[0].parts, { ".pm-example": { innerHTML: "example" }, ".pm-options": { innerHTML: "old" } });
    assert.deepEqual(page.fields[0].classes, { "pm-missing": true, "pm-unused": false });
    page.change("account.as_of");
    await page.next();
    assert.equal(page.fields[0].parts[".pm-options"].innerHTML, "new options");
});

test("how the file is read, the name and the text need their buttons", async () => {
    const page = mapper([]);
    for (const name of ["file:header", "name", "text", ""]) page.change(name);

    assert.equal(await page.next(), false);
});

test("the answer to an earlier change does not replace that to a later one", async () => {
    let late;
    const page = mapper([new Promise((done) => (late = done)), answer("later")]);
    page.change("a");
    const first = page.next();
    page.change("b");
    await page.next();
    late(answer("earlier"));
    await first;

    assert.equal(page.preview.innerHTML, "later");
});

test("after a failure the page stays as it is", async () => {
    const page = mapper([403]);
    page.change("a");
    await page.next();

    assert.deepEqual([page.preview.innerHTML, page.preview.classList.on], ["old", false]);
});

// Keys of the approvers' queue without a browser: which row is marked, what is pressed, and when keys do nothing.
import assert from "node:assert/strict";
import test from "node:test";

import { loaded } from "./browser.js";

/** Return one row of the list: `clicks` names what was pressed in it. */
function row(name, clicks, { tick = true } = {}) {
    const classes = new Set();
    const attributes = {};
    return {
        name, attributes,
        classList: { add: (word) => classes.add(word), remove: (word) => classes.delete(word), contains: (word) => classes.has(word) },
        setAttribute: (key, value) => (attributes[key] = value),
        removeAttribute: (key) => delete attributes[key],
        scrollIntoView: () => {},
        querySelector: (selector) => {
            if (selector === "input.action-select" && !tick) return null;
            return { click: () => clicks.push(`${selector} of ${name}`) };
        },
    };
}

/** Return a page of the admin: the rows of a list, or the links (selector to address) and buttons of a decision. */
function page({ names = [], links = {}, approve = false, dialog = false, tick = true, keys = true } = {}) {
    const clicks = [], went = [], heard = {};
    const rows = names.map((name) => row(name, clicks, { tick }));
    const help = { open: false, hidden: true };
    const document = {
        readyState: "complete",
        querySelectorAll: () => rows,
        querySelector: (selector) => {
            if (selector === "#dialog") return dialog ? { getClientRects: () => [1] } : null;
            if (selector.startsWith("a[hx-get")) return approve ? { click: () => clicks.push("approve") } : null;
            return selector in links ? { href: links[selector] } : null;
        },
        getElementById: () => (keys ? help : null),
        addEventListener: (name, work) => (heard[name] = work),
    };
    loaded(["decisions.js"], { document, window: { location: { assign: (address) => went.push(address) } } }, "cases/static/cases/");
    const press = (key, { on = { tagName: "BODY" }, ...more } = {}) => {
        const event = { key, target: on, defaultPrevented: false, prevented: false, preventDefault: () => (event.prevented = true), ...more };
        heard.keydown(event);
        return event.prevented;
    };
    const marked = () => rows.filter((each) => each.attributes["aria-current"]).map((each) => each.name);
    return { press, marked, clicks, went, help, heard };
}

const NEXT = ".ds-queue a[rel=next]", PREVIOUS = ".ds-queue a[rel=prev]";

test("j and k, or the arrows, move the one marked row and stop at both ends", () => {
    const { press, marked } = page({ names: ["one", "two", "three"] });
    const seen = ["j", "j", "ArrowDown", "j", "k", "ArrowUp", "k"].map((key) => {
        press(key);
        return marked().join();
    });

    assert.deepEqual(seen, ["one", "two", "three", "three", "two", "one", "one"]);
});

test("k begins at the last row", () => {
    const { press, marked } = page({ names: ["one", "two"] });
    press("k");

    assert.deepEqual(marked(), ["two"]);
});

test("x ticks and Enter opens the marked row, and nothing without one", () => {
    const { press, clicks } = page({ names: ["one", "two"] });
    assert.deepEqual([press("x"), press("Enter")], [false, false]);
    for (const key of ["j", "j", "x", "Enter"]) press(key);

    assert.deepEqual(clicks, ["input.action-select of two", "th a of two"]);
});

test("a row that cannot be ticked leaves the key to the browser", () => {
    const { press } = page({ names: ["one"], tick: false });
    press("j");

    assert.equal(press("x"), false);
});

test("on a decision n and p follow the links, and a opens the dialog of the approval", () => {
    const { press, went, clicks } = page({ links: { [NEXT]: "/next/", [PREVIOUS]: "/previous/" }, approve: true });
    for (const key of ["n", "p", "a"]) press(key);

    assert.deepEqual(went, ["/next/", "/previous/"]);
    assert.deepEqual(clicks, ["approve"]);
});

test("where nothing waits and nothing may be approved the keys do nothing", () => {
    const { press, went, clicks } = page();

    assert.deepEqual(["n", "p", "a", "j", "z", "toString"].map((key) => press(key)), [false, false, false, false, false, false]);
    assert.deepEqual([went, clicks], [[], []]);
});

test("the question mark shows and hides the keys, which are hidden where no script runs", () => {
    const { press, help } = page();
    assert.equal(help.hidden, false);
    press("?");
    assert.equal(help.open, true);
    press("?");

    assert.equal(help.open, false);
});

test("keys belong to a field that is typed in and to an open dialog", () => {
    const { press, marked } = page({ names: ["one"] });
    for (const tagName of ["INPUT", "TEXTAREA", "SELECT"]) press("j", { on: { tagName, type: "text" } });
    press("j", { on: { tagName: "DIV", isContentEditable: true } });
    for (const held of ["ctrlKey", "metaKey", "altKey"]) press("j", { [held]: true });
    press("j", { defaultPrevented: true });
    const open = page({ names: ["one"], dialog: true });
    open.press("j");

    assert.deepEqual([marked(), open.marked()], [[], []]);
});

test("a ticked box keeps the focus and the keys go on; Enter on a link is the link's", () => {
    const { press, marked, clicks } = page({ names: ["one", "two"] });
    press("j", { on: { tagName: "INPUT", type: "checkbox" } });
    assert.deepEqual(marked(), ["one"]);
    press("Enter", { on: { tagName: "A" } });

    assert.deepEqual(clicks, []);
});

test("a dialog that has come gets the focus in its first field", () => {
    const { heard } = page();
    const focused = [];
    const content = (id) => ({ id, querySelector: () => ({ focus: () => focused.push(id) }) });
    heard["htmx:afterSettle"]({ target: content("elsewhere") });
    heard["htmx:afterSettle"]({ target: content("modal-content") });
    heard["htmx:afterSettle"]({ target: { id: "modal-content", querySelector: () => null } });

    assert.deepEqual(focused, ["modal-content"]);
});

test("a page without the queue hears no key", () => {
    assert.deepEqual(Object.keys(page({ keys: false }).heard), []);
});

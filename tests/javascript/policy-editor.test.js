// The policy editor's component without a page: trees, rules, undo, backup, and the requests it sends.
import assert from "node:assert/strict";
import test from "node:test";

import { BODY, FEATURES, OPS, loaded, plain } from "./browser.js";

const SCRIPTS = ["model", "editor-server", "editor-conditions", "editor-rules", "editor-results", "editor-answers", "editor"].map((name) => `policy-${name}.js`);
const TEXTS = { ops: {}, units: { DAYS: "days" }, between: "{low} to {high}", no_json: "No JSON.", form_loses: "Lost.", removed: "Removed.", rule_removed: "Gone.", unsaved: "Unsaved.", saved: "Saved.", signed_out: "Signed out.", unchecked: "Unchecked.", unnamed: "Unnamed" };

/** Return a started editor, the requests that it sends, and its storage. `answers` gives the answer of each address. */
function editor({ data = {}, answers = {}, kept = {} } = {}) {
    const sent = [];
    let make;
    const storage = new Map(Object.entries(kept));
    const content = {
        "policy-data": { body: BODY, note: "", segment: "", key: "7", updated_at: "T1", readonly: false, language: "en", features: Object.values(FEATURES), ops: OPS, choices: {}, urls: { check: "/check/", count: "/count/", save: "/save/" }, ...data },
        "policy-texts": TEXTS,
    };
    const page = {
        Alpine: { data: (_name, factory) => (make = factory), effect: (work) => work() },
        addEventListener: () => {},
        location: { pathname: "/here/", assign: (address) => sent.push(["go", address]), reload: () => sent.push(["reload"]) },
    };
    loaded(SCRIPTS, {
        window: page,
        document: {
            addEventListener: (_name, work) => work(),
            getElementById: (id) => ({ textContent: JSON.stringify(content[id]) }),
            querySelector: () => ({ value: "token" }),
        },
        localStorage: { getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => storage.set(key, value), removeItem: (key) => storage.delete(key) },
        fetch: async (address, options) => {
            sent.push([options.method, address, options.body && JSON.parse(options.body)]);
            const { status = 200, ...told } = answers[address] || {};
            return { type: "basic", ok: status < 400, status, headers: new Map([["Content-Type", "application/json"]]), json: async () => told };
        },
    });
    const component = make();
    component.$nextTick = () => {};
    component.init();
    return { component, sent, storage };
}
const gate = (component) => plain(component.body()).gate;
const rows = (component) => component.rows(component.model.gate, "gate");

test("an editor that was only opened has nothing to save", () => {
    const { component } = editor();

    assert.equal(component.dirty, false);
    assert.deepEqual(plain(component.body()), BODY);
});

test("a condition is added, duplicated and removed, and undo and redo walk through it", () => {
    const { component } = editor();
    component.add(component.model.gate, "leaf");
    component.duplicate(rows(component)[1]);
    assert.deepEqual(gate(component).all.map((part) => part.feature || "not"), ["days_past_due", "days_past_due", "not", "days_past_due"]);
    component.remove(rows(component)[2]);
    assert.equal(component.toast, "Removed.");
    clearTimeout(component.toastTimer);

    component.step(-1);
    assert.equal(gate(component).all.length, 4);
    component.step(-1);
    component.step(-1);
    assert.deepEqual(plain(component.body()), BODY);
    component.step(-1);
    assert.deepEqual(plain(component.body()), BODY);
    component.step(1);
    assert.equal(gate(component).all.length, 3);
});

test("a wrapped condition stands in a group of the other kind, and unwrapping puts it back", () => {
    const { component } = editor();
    component.wrap(rows(component)[1]);
    assert.deepEqual(Object.keys(gate(component).all[0]), ["any"]);

    component.unwrap(rows(component)[1]);

    assert.deepEqual(gate(component), BODY.gate);
});

test("a moved condition passes its neighbour, enters a group and leaves it again", () => {
    const { component } = editor();
    const move = (index, by) => component.move(rows(component)[index], by, component.model.gate);
    move(1, 1);
    assert.deepEqual(gate(component).all, [...BODY.gate.all].reverse());
    component.wrap(rows(component)[1]);
    move(4, -1);
    assert.deepEqual(gate(component).all.map((part) => part.any?.length), [2]);
    // The last row of the group leaves it.
    move(3, 1);
    assert.deepEqual(gate(component).all.map((part) => part.any?.length), [1, undefined]);
});

test("a group whose last condition leaves is removed", () => {
    const { component } = editor();
    component.wrap(rows(component)[1]);

    component.move(rows(component)[2], 1, component.model.gate);

    assert.deepEqual(gate(component), BODY.gate);
});

test("another feature gets an operator that it has, and loses a value of another unit", () => {
    const { component } = editor();
    const [node] = component.model.gate.parts;

    component.chooseFeature(node, "product");
    assert.deepEqual([node.op, plain(node.words), component.many(node)], ["eq", [], false]);
    component.chooseOp(node, "in");
    component.typedWords(node, "CASH， CONSUMER,");
    assert.deepEqual(plain(node.words), ["CASH", "CONSUMER"]);
    component.chooseOp(node, "eq");
    assert.deepEqual(plain(node.words), ["CASH"]);
    component.chooseFeature(node, "on_active_plan");
    assert.deepEqual([node.op, node.flag], ["is", true]);
});

test("a copied rule has a code of its own, and a new one a valid form", () => {
    const { component } = editor();
    component.duplicateRule("rules", 0);
    component.duplicateRule("rules", 0);
    component.newRule("restrictions");

    const codes = component.model.rules.map((rule) => rule.code);
    assert.deepEqual(plain(codes), ["LARGE", "LARGE_3", "LARGE_2", "LONE"]);
    assert.deepEqual(plain(component.body().restrictions[0].effect), { kind: "FREEZE", expires_days: 180 });
    component.codeTyped(component.model.rules[0], "very large-sum");
    assert.equal(component.model.rules[0].code, "VERY_LARGE_SUM");
    assert.equal(component.codeLooksRight({ code: "1X" }), false);
});

test("rules move only within their section", () => {
    const { component } = editor();
    component.moveRule("rules", 0, -1);
    component.moveRule("rules", 0, 1);

    assert.deepEqual(plain(component.model.rules.map((rule) => rule.code)), ["LONE", "LARGE"]);
});

test("faults are shown at their own row and field", () => {
    const { component } = editor();
    component.faults = [{ path: "gate.all[0].value", message: "x" }, { path: "gate.all[1].not.feature", message: "y" }, { path: "gate.all", message: "z" }];
    const [root, first, second] = rows(component);

    assert.deepEqual([root, first, second].map((row) => component.faultsOf(row).map((fault) => fault.message).join("")), ["z", "x", "y"]);
    assert.deepEqual([component.faultyField(first, "value"), component.faultyField(first, "op")], [true, false]);
});

test("counts are shown with their bounds only where they are an estimate", () => {
    const { component } = editor();
    const hit = { now: 1200, low: 1100, high: 1300 };
    component.counts = { is_estimate: true, accounts: { now: 2400 }, parts: { gate: hit } };
    assert.deepEqual([component.hitsText(hit), component.hitsHint(hit), component.width(hit)], ["≈ 1,200", "1,100 to 1,300", "width: 50.0%"]);

    component.counts.is_estimate = false;

    assert.deepEqual([component.hitsText(component.hits("gate")), component.hitsHint(hit), component.hits("rules[9]")], ["1,200", "", null]);
});

test("text that the form cannot show stays text", () => {
    const { component } = editor();
    component.showJson();
    component.json = "{";
    assert.equal(component.applyJson(), false);
    assert.match(component.jsonNote, /^No JSON\./);
    component.json = JSON.stringify({ ...BODY, unknown: 1 });
    assert.equal(component.applyJson(), false);
    assert.equal(component.jsonNote, "Lost.");
    component.json = JSON.stringify({ ...BODY, currency: "USD" });

    assert.equal(component.applyJson(), true);
    assert.deepEqual([component.view, component.model.currency], ["form", "USD"]);
});

test("saving sends the body with the stamp that was read, and keeps the new one", async () => {
    const { component, sent, storage } = editor({ answers: { "/save/": { updated_at: "T2", url: "/here/" } } });
    // The watcher that was started with the editor reports its first text a moment later.
    await null;
    component.note = "changed";
    component.changed(component.text());
    clearTimeout(component.timer);
    assert.deepEqual([component.dirty, storage.has("policy-draft:7")], [true, true]);

    assert.equal(await component.save(), true);

    assert.deepEqual(sent.at(-1), ["POST", "/save/", { body: BODY, note: "changed", segment: "", updated_at: "T1" }]);
    assert.deepEqual([component.updatedAt, component.dirty, component.toast, storage.has("policy-draft:7")], ["T2", false, "Saved.", false]);
});

test("a save over somebody else's is refused, and saving over it sends their stamp", async () => {
    const conflict = { updated_at: "T9", by: "Li" };
    const answers = { "/save/": { status: 409, conflict } };
    const { component, sent } = editor({ answers });
    component.note = "mine";

    assert.equal(await component.save(), false);
    assert.deepEqual([plain(component.conflict), component.problem, component.updatedAt], [conflict, "", "T1"]);
    answers["/save/"] = { updated_at: "T10", url: "/here/" };
    assert.equal(await component.save({ over: true }), true);

    assert.equal(sent.at(-1)[2].updated_at, "T9");
});

test("what was typed before the browser closed is offered, and taken only when asked", () => {
    const text = JSON.stringify({ body: { ...BODY, currency: "USD" }, note: "typed", segment: "" });
    const { component } = editor({ kept: { "policy-draft:7": JSON.stringify({ text, from: "T1" }) } });
    assert.deepEqual([component.backup.text, component.model.currency], [text, "CNY"]);

    component.takeBackup();

    assert.deepEqual([component.backup, component.model.currency, component.note], [null, "USD", "typed"]);
});

test("a reader asks for the stored version and saves nothing", async () => {
    const { component, sent, storage } = editor({ data: { readonly: true } });
    component.note = "mine";
    component.changed(component.text());
    clearTimeout(component.timer);

    assert.equal(await component.save(), false);
    assert.deepEqual(sent.map(([method, address]) => [method, address]), [["GET", "/count/"], ["GET", "/check/"]]);
    assert.deepEqual([component.dirty, storage.size], [false, 0]);
});

test("a lost session is said, and nothing that was typed is lost", async () => {
    const { component } = editor({ answers: { "/save/": { status: 403 } } });
    component.note = "mine";

    assert.equal(await component.save(), false);
    assert.deepEqual([component.problem, component.note, component.saving], ["Unsaved. Signed out.", "mine", false]);
});

const RESULTS = {
    reasons: [["PARTLY_ABLE", "Part"], ["HARDSHIP", "Hardship"]],
    steps: [["CONTINUE_CONTACT", "Stay in contact"]],
    ways: { LEGAL: [["SETTLE_OR_AGREE_A_PLAN", "Settle"]], FREEZE: [["THREE_PAYMENTS_ON_TIME", "Three"]] },
    flags: [["HARDSHIP", "Hardship"]],
};
const REST = { code: "REST", title: { en: "Rest", zh: "其他" }, when: { feature: "days_past_due", op: "gte", value: 0 }, result: { reasons: ["HARDSHIP"], next_step: "CONTINUE_CONTACT" } };

test("a new row of proposals stands above the last one, which fits everything", () => {
    const { component } = editor({ data: { body: { ...BODY, proposals: [REST] }, results: RESULTS } });

    component.newRule("proposals");

    assert.deepEqual(plain(component.body()).proposals.map((row) => row.code), ["NEW_ROW", "REST"]);
    component.step(-1);
    assert.deepEqual(plain(component.body()).proposals, [REST]);
});

test("decisions of a row are added, changed and removed; what the kind needs is filled in", () => {
    const { component } = editor({ data: { body: { ...BODY, proposals: [REST] }, results: RESULTS } });
    const row = component.model.proposals[0];
    const decisions = () => plain(component.body()).proposals[0].result.decisions;

    component.addDecision(row);
    component.addDecision(row);
    assert.deepEqual(decisions(), [{ kind: "GRACE" }, { kind: "PLAN" }]);

    component.chooseKind(row.result.decisions[0], "LEGAL");
    component.chooseKind(row.result.decisions[1], "SPECIAL_CARE");
    assert.deepEqual(decisions(), [{ kind: "LEGAL", way_back: "SETTLE_OR_AGREE_A_PLAN" }, { kind: "SPECIAL_CARE", flag: "HARDSHIP" }]);
    component.chooseKind(row.result.decisions[0], "FREEZE");
    assert.equal(decisions()[0].way_back, "THREE_PAYMENTS_ON_TIME");

    row.result.step = "";
    component.removeDecision(row, 0);
    component.removeDecision(row, 0);
    assert.deepEqual(plain(component.body()).proposals[0].result, { reasons: ["HARDSHIP"], next_step: "CONTINUE_CONTACT" });
});

test("reasons of a row are ticked and said in words", () => {
    const { component } = editor({ data: { body: { ...BODY, proposals: [REST] }, results: RESULTS } });
    const row = component.model.proposals[0];

    component.toggleReason(row, "PARTLY_ABLE");
    assert.equal(component.reasonsText(row), "Hardship / Part");
    component.toggleReason(row, "HARDSHIP");
    assert.deepEqual(plain(component.body()).proposals[0].result.reasons, ["PARTLY_ABLE"]);
});

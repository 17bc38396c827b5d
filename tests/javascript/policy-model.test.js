// The pure model behind the policy editor: a body becomes values of a form and comes back unchanged.
import assert from "node:assert/strict";
import test from "node:test";

import { BODY, FEATURES, leaf, loaded, plain } from "./browser.js";

const model = loaded(["policy-model.js"]).window.PolicyModel;
const backAndForth = (body) => plain(model.bodyOf(model.modelOf(body, FEATURES), FEATURES));
const ruled = (when) => ({ ...BODY, rules: [{ ...BODY.rules[0], when }] });

test("a body that the form reads is written back with the same values", () => {
    assert.deepEqual(backAndForth(BODY), BODY);
});

test("numbers keep their spelling while nobody edits them", () => {
    for (const value of ["020000", "2e4", 20000, 0.1, "0.10"]) {
        const body = ruled(leaf("arrears_amount", "gte", value));

        assert.deepEqual(backAndForth(body), body, `${value}`);
    }
});

test("optional parts stay missing or empty as the body has them", () => {
    const { parameters, caps, rewards, restrictions, ...least } = BODY;
    assert.ok(parameters && caps && rewards && restrictions);

    assert.deepEqual(backAndForth(least), least);
    assert.deepEqual(backAndForth({ ...least, caps: {}, rewards: [] }), { ...least, caps: {}, rewards: [] });
});

test("nested negations are kept", () => {
    const body = ruled({ not: { not: { any: [{ not: leaf() }, leaf("attempts", "gte", 2)] } } });

    assert.deepEqual(backAndForth(body), body);
});

test("what is no policy becomes a form without values", () => {
    for (const body of [null, [], "x", 3, { rules: "x", rates: 3, gate: null }]) {
        assert.deepEqual(plain(model.modelOf(body, FEATURES).rules), []);
    }
});

test("a share is shown in percent and written as a fraction without losing a digit", () => {
    for (const [raw, shown] of [["0.005", "0.5"], [0.1234, "12.34"], ["1", "100"], ["0.1", "10"], ["", ""]]) {
        assert.equal(model.numberField(raw, { share: true }).text, shown);
    }
    const form = model.modelOf(BODY, FEATURES);
    form.rewards[0].effect.points.text = "0.25";

    assert.equal(model.bodyOf(form, FEATURES).rewards[0].effect.points, "0.0025");
});

test("an edited amount loses its commas and an edited count becomes a number", () => {
    const form = model.modelOf(BODY, FEATURES);
    const [amount] = form.rules[0].when.parts;
    amount.number.text = "1,234，567.5";
    form.rules[1].when.parts[0].number.text = " 7 ";

    const body = plain(model.bodyOf(form, FEATURES));

    assert.equal(body.rules[0].when.any[0].value, "1234567.5");
    assert.equal(body.rules[1].when.value, 7);
});

test("text that is no number is sent as it was typed, for the server to refuse", () => {
    const form = model.modelOf(BODY, FEATURES);
    form.gate.parts[0].number.text = "many";

    assert.equal(model.bodyOf(form, FEATURES).gate.all[0].value, "many");
});

test("digits are grouped in threes from four digits on", () => {
    const groups = { 999: "999", 1000: "1,000", "1234567.25": "1,234,567.25", "12a": "12a" };

    assert.deepEqual(Object.keys(groups).map(model.grouped), Object.values(groups));
});

test("rows name the path of each condition in the body", () => {
    const form = model.modelOf(BODY, FEATURES);

    const rows = model.rowsOf(form.gate, "gate");

    assert.deepEqual(plain(rows.map((row) => [row.type, row.path, row.depth])), [
        ["group", "gate", 0],
        ["leaf", "gate.all[0]", 1],
        ["leaf", "gate.all[1]", 1],
        ["add", "gate.all", 1],
    ]);
    assert.equal(rows[2].inner, "gate.all[1].not");
});

test("a lone condition has rows under a group that the body does not have", () => {
    const form = model.modelOf(BODY, FEATURES);

    const rows = model.rowsOf(form.rules[1].when, "rules[1].when");

    assert.deepEqual(plain(rows.map((row) => [row.type, row.path])), [["group", ""], ["leaf", "rules[1].when"], ["add", ""]]);
});

test("a copy shares no id and no value with its original", () => {
    const rule = model.modelOf(BODY, FEATURES).rules[0];
    const ids = (node) => [node.id, ...(node.parts || []).flatMap(ids)];

    const copy = model.copyRule(rule);
    copy.when.parts[0].number.text = "5";

    assert.equal(ids(copy.when).filter((id) => ids(rule.when).includes(id)).length, 0);
    assert.equal(rule.when.parts[0].number.text, "20,000.50");
});

test("equal bodies have one canonical text whatever the order of names", () => {
    assert.equal(model.canonical({ a: 1, b: [{ d: 1, c: 2 }] }), model.canonical({ b: [{ c: 2, d: 1 }], a: 1 }));
    assert.notEqual(model.canonical([1, 2]), model.canonical([2, 1]));
});

const ROWS = [
    { code: "PART", title: { en: "Part", zh: "部分" }, when: leaf("product", "eq", "CASH"), result: { reasons: ["PARTLY_ABLE"], decisions: [{ kind: "PLAN", instalments: 24, relief: "0.03" }] } },
    {
        code: "TAKE", title: { en: "Take", zh: "限制" }, when: { all: [leaf()] },
        result: { reasons: ["ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE"], decisions: [{ kind: "LEGAL", days: 180, way_back: "PAY_THE_ARREARS" }, { kind: "LIMIT_CUT", percent: "20", days: 90, way_back: "PAY_THE_ARREARS" }] },
    },
    { code: "CARE", title: { en: "Care", zh: "关怀" }, when: leaf(), result: { reasons: ["HARDSHIP"], decisions: [{ kind: "SPECIAL_CARE", flag: "HARDSHIP", days: 90 }] } },
    { code: "REST", title: { en: "Rest", zh: "其他" }, when: leaf(), result: { reasons: ["NOTHING_ESTABLISHED"], next_step: "CONTINUE_CONTACT" } },
];

test("rows of proposals and their numbers come back unchanged", () => {
    const body = { ...BODY, proposals: ROWS, parameters: { ...BODY.parameters, firm_confidence: "0.80", plan_offer_days: 31, plan_first_share: "0.05" } };

    assert.deepEqual(backAndForth(body), body);
    assert.equal(model.modelOf(body, FEATURES).proposals[0].result.decisions[0].terms.relief.text, "3");
    assert.equal(model.modelOf(body, FEATURES).parameters.firm_confidence.text, "80");
});

test("a decision is written with the terms of its kind only", () => {
    const form = model.modelOf({ ...BODY, proposals: ROWS }, FEATURES);
    form.proposals[0].result.decisions[0].kind = "GRACE";
    form.proposals[0].result.decisions[0].terms.days.text = "14";

    assert.deepEqual(plain(model.bodyOf(form, FEATURES)).proposals[0].result.decisions, [{ kind: "GRACE", days: 14 }]);
});

test("a row without decisions names its next step", () => {
    const form = model.modelOf({ ...BODY, proposals: ROWS }, FEATURES);
    form.proposals[0].result.decisions = [];
    form.proposals[0].result.step = "GATHER_EVIDENCE";

    assert.deepEqual(plain(model.bodyOf(form, FEATURES)).proposals[0].result, { reasons: ["PARTLY_ABLE"], next_step: "GATHER_EVIDENCE" });
});

// The hours and words of the day desk, without a browser.
import assert from "node:assert/strict";
import test from "node:test";

import { loaded, plain } from "./browser.js";

const DAY = { opens: 540, closes: 1200, service: 30 };
const WORDS = { km: "{km} km", minutes: "{minutes} min" };
const desk = loaded(["desk-time.js"], {}, "visits/static/visits/").DayDesk;

test("minutes of the day are written and read as a clock shows them", () => {
    assert.deepEqual([545, 0, 1199].map(desk.clock), ["09:05", "00:00", "19:59"]);
    assert.deepEqual(["09:05", "9:05", "24:00", "12:60", "noon", ""].map(desk.minuteOf), [545, 545, null, null, null, null]);
});

test("a place on a row is a minute in steps of five, and a visit fits before the end", () => {
    assert.equal(desk.percent(870, DAY), 50);
    assert.deepEqual([0, 0.5, 0.503, -1, 2].map((share) => desk.minuteAt(share, DAY)), [540, 870, 870, 540, 1170]);
});

test("what a move costs has its sign", () => {
    assert.deepEqual([1234, -1234, 0, 20].map((metres) => desk.km(metres, WORDS, true)), ["+1.2 km", "−1.2 km", "±0.0 km", "±0.0 km"]);
    assert.equal(desk.km(5200, WORDS), "5.2 km");
    assert.deepEqual([7, -7, 0].map((count) => desk.minutes(count, WORDS, true)), ["+7 min", "−7 min", "±0 min"]);
});

test("words keep a name that has no value", () => {
    assert.equal(desk.fill("{one} and {two}", { one: 1 }), "1 and {two}");
});

test("the shape around points leaves out the inner ones and repeats none", () => {
    const corners = [[0, 0], [0, 2], [2, 2], [2, 0]];
    assert.deepEqual(plain(desk.hull([...corners, [1, 1], [0, 0], [0, 1]])).sort(), [...corners].sort());
    assert.deepEqual(plain(desk.hull([[1, 1], [1, 1]])), [[1, 1]]);
});

// Loads scripts of the pages in their order into a bare window, without a browser.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const POLICY_EDITOR = "backoffice/static/backoffice/";

/** Return the context in which the named scripts of a folder have run. */
export function loaded(names, extra = {}, folder = POLICY_EDITOR) {
    const from = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
    const context = vm.createContext({ console, AbortController, setTimeout, clearTimeout, queueMicrotask, ...extra });
    context.window = Object.assign(context, extra.window);
    for (const name of names) {
        vm.runInContext(readFileSync(`${from}${name}`, "utf8"), context, { filename: name });
    }
    return context;
}

/** Return a value of the other context as plain data of this one, so that deepEqual compares its content. */
export const plain = (value) => JSON.parse(JSON.stringify(value));

export const FEATURES = {
    days_past_due: { name: "days_past_due", unit: "DAYS" },
    attempts: { name: "attempts", unit: "COUNT" },
    arrears_amount: { name: "arrears_amount", unit: "MONEY" },
    annual_rate: { name: "annual_rate", unit: "SHARE" },
    on_active_plan: { name: "on_active_plan", unit: "FLAG" },
    product: { name: "product", unit: "WORD" },
};
export const OPS = {
    DAYS: ["gte", "gt", "lte", "lt", "eq"], COUNT: ["gte", "eq"], MONEY: ["gte", "lt"], SHARE: ["gte"],
    FLAG: ["is"], WORD: ["eq", "ne", "in", "not_in"],
};
export const leaf = (feature = "days_past_due", op = "gte", value = 31) => ({ feature, op, value });

export const BODY = {
    currency: "CNY",
    rates: { CNY: "1", USD: "0.14" },
    parameters: { grade_a_amount: "200000", sla_days: { 1: 2, 2: 5, 3: 10 } },
    gate: { all: [leaf(), { not: leaf("on_active_plan", "is", true) }] },
    rules: [
        {
            code: "LARGE", title: { en: "Large", zh: "大额" }, priority: 2, needs_visit: true,
            when: { any: [leaf("arrears_amount", "gte", "20000.50"), { all: [leaf("annual_rate", "gte", 0.005), leaf("product", "in", ["CONSUMER", "CASH"])] }] },
        },
        { code: "LONE", title: { en: "Lone", zh: "单" }, priority: 1, needs_visit: false, when: leaf("attempts", "eq", 3) },
    ],
    rewards: [
        { code: "LOWER", title: { en: "Lower", zh: "降" }, when: leaf("days_past_due", "eq", 0), effect: { kind: "RATE_REDUCTION", points: 0.005 } },
    ],
    restrictions: [],
    caps: { rate_step: "0.005" },
};

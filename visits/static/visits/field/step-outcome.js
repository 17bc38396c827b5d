// What came of the visit: findings, who was met, what was said, what is recommended and why.
import { el, note } from "./dom.js";
import { choice, momentField, textField, tick, ticks } from "./fields.js";
import { choices, labelOf, t } from "./page.js";

const rulesOf = (draft) => choices.findings.filter((finding) => draft.findings.includes(finding.value));
const BREADTH = ["NONE", "OWN_OBLIGATION", "FULL"];

/** Return what the findings allow to be recommended: one that protects the borrower narrows it. */
export function recommendable(draft) {
    const rules = rulesOf(draft), protecting = rules.filter((rule) => rule.protects);
    const allowed = new Set((protecting.length ? protecting : rules).flatMap((rule) => rule.recommendations));
    return choices.recommendations.filter((each) => allowed.has(each.value));
}

function hints(draft) {
    const rules = rulesOf(draft), found = [];
    const most = rules.length ? BREADTH[Math.min(...rules.map((rule) => BREADTH.indexOf(rule.disclosure)))] : null;
    if (most) found.push(note(t("findingAllows", { what: labelOf(choices.disclosures, most) }), BREADTH.indexOf(draft.disclosure) > BREADTH.indexOf(most) ? "bad" : "plain"));
    const address = rules.map((rule) => rule.address).find(Boolean);
    if (address && draft.addressVerdict !== address) found.push(note(t("findingAddress", { what: labelOf(choices.addressVerdicts, address) }), "wait"));
    if (rules.some((rule) => rule.hearsay) && !draft.hearsay) found.push(note(t("findingHearsay"), "wait"));
    if (rules.some((rule) => rule.incident) && !draft.incident.trim()) found.push(note(t("findingIncident"), "wait"));
    return found;
}

export const outcome = {
    id: "outcome",
    title: "stepOutcome",
    state: ({ draft }) => (draft.findings.length && draft.recommendation && draft.reason.trim() ? "done" : "open"),
    draw(context) {
        const { draft } = context, rules = rulesOf(draft);
        const persons = choices.persons.filter((each) => !rules.length || rules.some((rule) => rule.persons.includes(each.value)));
        if (!persons.some((each) => each.value === draft.person) && draft.person) persons.push(choices.persons.find((each) => each.value === draft.person));
        return [
            ticks(context, draft, "findings", t("findings"), choices.findings, { field: "findings", redraw: true }),
            choice(context, draft, "person", t("personMet"), persons, { field: "person_met" }),
            choice(context, draft, "disclosure", t("disclosed"), choices.disclosures, { field: "disclosure", redraw: true }),
            choice(context, draft, "addressVerdict", t("addressVerdict"), choices.addressVerdicts, { field: "address_verdict", redraw: true }),
            ...hints(draft),
            tick(context, draft, "hearsay", t("hearsay"), { field: "is_hearsay_marked", redraw: true }),
            momentField(context, draft, "talkBegan", t("talkBegan"), { field: "contact_started_at" }),
            momentField(context, draft, "talkEnded", t("talkEnded")),
            textField(context, draft, "statement", t("statement"), { rows: 3, most: 4000, field: "statement" }),
            textField(context, draft, "observations", t("observations"), { rows: 2, most: 500, field: "observations" }),
            choice(context, draft, "recommendation", t("recommendation"), rules.length ? recommendable(draft) : choices.recommendations, { field: "recommendation" }),
            textField(context, draft, "reason", t("reason"), { rows: 2, most: 300, field: "recommendation_reason" }),
            el("details", { className: "inner", open: Boolean(draft.promisedAmount) }, el("summary", {}, t("promise")),
                textField(context, draft, "promisedAmount", t("promisedAmount"), { mode: "decimal", field: "promised_amount" }),
                textField(context, draft, "promisedFor", t("promisedFor"), { type: "date", field: "promised_for" })),
            tick(context, draft, "tookPayment", t("tookPayment"), { field: "took_payment", redraw: true }),
            draft.tookPayment && note(t("incidentNeeded"), "bad"),
            textField(context, draft, "incident", t("incident"), { rows: 3, most: 300, field: "incident" }),
        ];
    },
};

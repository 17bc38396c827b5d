// The draft of one visit: everything that was entered and taken, saved at each change, so that a killed page loses nothing.
import { tell } from "./events.js";
import * as vault from "./vault.js";

const open = new Map();
const saving = new Map();

function empty(order) {
    return {
        order, ref: crypto.randomUUID(), step: "out", badgeRef: "", isIndoors: false, arrival: null, announced: false,
        recordingRefused: false, recordings: [], nameCompared: false, factors: [], sections: {}, documents: [], media: [],
        entered: false, entryConsentRef: "", findings: [], person: "", disclosure: "NONE", addressVerdict: "", hearsay: false,
        tookPayment: false, recommendation: "", reason: "", statement: "", observations: "", incident: "",
        promisedAmount: "", promisedFor: "", talkBegan: "", talkEnded: "", attestedLead: false, attestedSecond: false,
        report: null, handedInAt: null, done: false,
    };
}

/** Return the draft of a visit; a new one where there is none, or where the last report was returned to be done again. */
export async function draftOf(order) {
    if (!open.has(order.id)) open.set(order.id, (await vault.get(`draft:${order.id}`)) ?? empty(order.id));
    const draft = open.get(order.id);
    // The visit as it is kept here may be older than the report.
    if (order.state === "RETURNED" && draft.done && Date.parse(order.updated_at) > Date.parse(draft.handedInAt)) open.set(order.id, empty(order.id));
    return open.get(order.id);
}

/** Return the ids of visits with a draft. */
export async function drafted() {
    return (await vault.all("draft")).filter((draft) => !draft.done).map((draft) => draft.order);
}

/** Save a draft. Saves of one draft follow each other; the last state wins. */
export function save(draft) {
    const before = saving.get(draft.order) ?? Promise.resolve();
    const text = structuredClone(draft);
    const after = before.catch(() => {}).then(() => vault.put(`draft:${draft.order}`, "draft", text));
    saving.set(draft.order, after);
    after.catch(() => tell("trouble", "notSaved"));
    return after;
}

/** Delete what a handed-in visit left on the telephone, once the server has the report and all files. */
export async function clear(draft) {
    const kept = { ...empty(draft.order), ref: draft.ref, report: draft.report, handedInAt: draft.handedInAt, done: true, step: "handin" };
    open.set(draft.order, kept);
    for (const each of draft.media) await vault.remove(`media:${each.ref}`);
    await vault.remove(`address:${draft.order}`);
    await save(kept);
}

/** Forget the drafts in memory. */
export function forgetAll() {
    open.clear();
}

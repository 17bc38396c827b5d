// What waits to be sent: each step with a key of its own, so that sending it twice has one effect. Sent in order, visit by visit.
import { clear, draftOf, save } from "./drafts.js";
import { on, tell } from "./events.js";
import { t } from "./page.js";
import { announcedMedia } from "./report.js";
import { Away, Refused, SignedOut, call, confirmSignIn } from "./server.js";
import { upload } from "./uploads.js";
import * as vault from "./vault.js";
import { storeOrder } from "./visits.js";

const WAITING = "waiting", SENT = "sent", REFUSED = "refused";
// States of a visit in which a step has been made already, by the colleague's telephone.
const MADE = { depart: ["EN_ROUTE", "CHECKED_IN", "REPORTED"], "check-in": ["CHECKED_IN", "REPORTED"] };
let adding = Promise.resolve(), running = null, again = false, timer = null, pause = 5, trouble = "";

const idOf = (item) => `item:${String(item.number).padStart(16, "0")}`;
const keep = (item) => vault.put(idOf(item), "item", item);

/** Return all items in the order in which they were made. */
export const items = () => vault.all("item");

/** Return why nothing is sent at the moment; empty while it is sent. */
export const whyNot = () => trouble;

/** Add a step of a visit to what is sent. `ref` names a step that can be there only once. */
export function add(step) {
    // One after the other: two steps with one number would be one.
    adding = adding.catch(() => {}).then(() => added(step));
    return adding;
}

async function added({ kind, order, body = {}, ref = null }) {
    const there = await items();
    const same = ref && there.find((item) => item.ref === ref && item.state !== REFUSED);
    if (same) return same;
    // A step that is made once more takes the place of the one that was refused.
    if (kind !== "file") for (const item of there) if (item.order === order && item.kind === kind && item.state === REFUSED) await vault.remove(idOf(item));
    // Never a number that was used: a step that is taken out may still be on its way.
    const number = Math.max(Date.now(), ...there.map((item) => item.number + 1));
    const item = { number, kind, order, ref, body, key: crypto.randomUUID(), state: WAITING, reasons: [], answer: null, at: Date.now() };
    await keep(item);
    tell("queue", item);
    flush();
    return item;
}

/** Take a refused step out of what is sent; what comes after it goes on. */
export async function drop(item) {
    await vault.remove(idOf(item));
    tell("queue", item);
    flush();
}

/** Send a refused step once more as it is. */
export async function retry(item) {
    await keep({ ...item, state: WAITING, key: crypto.randomUUID(), reasons: [] });
    tell("queue", item);
    return flush();
}

/** Send what waits. One round at a time; asked again meanwhile, another round follows. */
export function flush() {
    if (running) {
        again = true;
        return running;
    }
    running = round().finally(() => {
        running = null;
        if (again) {
            again = false;
            flush();
        }
    });
    return running;
}

async function round() {
    clearTimeout(timer);
    if (!vault.isOpen()) return;
    const stopped = new Set();
    let later = null;
    try {
        // Another person may have signed in on this telephone meanwhile: nothing is sent in their name.
        if ((await items()).some((item) => item.state === WAITING)) await confirmSignIn();
        for (;;) {
            const there = await items();
            for (const item of there) if (item.state === REFUSED && item.kind !== "file") stopped.add(item.order);
            const next = there.find((item) => item.state === WAITING && !stopped.has(item.order));
            if (!next) break;
            try {
                await attempt(next, stopped);
            } catch (error) {
                // What the server cannot take now holds up its own visit only.
                if (!(error instanceof Away && error.isServer)) throw error;
                later = error;
                stopped.add(next.order);
            }
        }
        if (later) throw later;
        say("");
        pause = 5;
    } catch (error) {
        if (error instanceof SignedOut) {
            say(error.message);
            tell("signed-out");
            return;
        }
        if (!(error instanceof Away)) {
            // The telephone itself failed: say so and try again, rather than lose the step.
            console.error(error);
        }
        say(error.message);
        timer = setTimeout(flush, pause * 1000);
        pause = Math.min(pause * 2, 120);
    }
}

function say(text) {
    if (text === trouble) return;
    trouble = text;
    tell("connection", text);
}

async function attempt(item, stopped) {
    try {
        const answer = await send(item);
        await keep({ ...item, state: SENT, answer, body: {}, reasons: [] });
    } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.status === 409 && MADE[item.kind] && (await isMade(item))) {
            await keep({ ...item, state: SENT, reasons: [{ field: "", text: t("madeAlready") }] });
        } else if ((await vault.get(idOf(item))) !== null) {
            await keep({ ...item, state: REFUSED, reasons: error.reasons });
            if (item.kind !== "file") stopped.add(item.order);
        }
    }
    tell("queue", item);
}

async function isMade(item) {
    const order = await call("GET", `/api/v1/visit-orders/${item.order}/`);
    await storeOrder(order);
    return MADE[item.kind].includes(order.state);
}

async function send(item) {
    const door = `/api/v1/visit-orders/${item.order}`;
    const post = (path) => call("POST", `${door}/${path}/`, { body: item.body, idempotencyKey: item.key });
    if (item.kind === "depart" || item.kind === "abort") {
        const order = await post(item.kind);
        await storeOrder(order);
        return { state: order.state };
    }
    if (item.kind === "check-in") return arrived(item, await post("signed-check-in"));
    if (item.kind === "check-out") return { received_at: (await post("signed-check-out")).received_at };
    if (item.kind === "report") return handedIn(item, await post("report"));
    return uploaded(item);
}

async function arrived(item, answer) {
    const draft = await draftOf({ id: item.order });
    draft.arrival = { opened: answer.opened, aborted: answer.aborted, refusals: answer.refusals.map((each) => each.message), at: answer.check_in.received_at };
    await save(draft);
    await refreshed(item.order);
    return draft.arrival;
}

async function handedIn(item, answer) {
    const draft = await draftOf({ id: item.order });
    Object.assign(draft, { report: answer.id, handedInAt: answer.submitted_at });
    await save(draft);
    // Each file has a name of its own in the queue, so doing this twice adds nothing.
    for (const each of announcedMedia(draft)) await add({ kind: "file", order: item.order, body: { report: answer.id, media: each }, ref: `file:${each.ref}` });
    if (!announcedMedia(draft).length) await clear(draft);
    await refreshed(item.order);
    return { report: answer.id };
}

async function uploaded(item) {
    const { report, media } = item.body;
    const answer = await upload({ report, media, key: item.key, progress: (done, of) => tell("upload", { ref: media.ref, done, of }) });
    const sent = new Set((await items()).filter((each) => each.kind === "file" && each.state === SENT).map((each) => each.ref)).add(item.ref);
    const draft = await draftOf({ id: item.order });
    if (draft.report === report && announcedMedia(draft).every((each) => sent.has(`file:${each.ref}`))) await clear(draft);
    return { id: answer.id, media: { ref: media.ref, kind: media.kind } };
}

/** Fetch a visit anew after a step that changed it; that it cannot be fetched now changes nothing of the step. */
async function refreshed(order) {
    try {
        await storeOrder(await call("GET", `/api/v1/visit-orders/${order}/`));
    } catch (error) {
        if (error instanceof SignedOut) throw error;
    }
}

/** Delete the sent steps of visits whose draft is cleared, after some days. */
export async function tidy(days) {
    for (const item of await items()) if (item.state === SENT && item.at < Date.now() - days * 86_400_000) await vault.remove(idOf(item));
}

on("online", flush);

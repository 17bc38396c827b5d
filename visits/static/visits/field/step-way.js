// Setting out, arriving and leaving.
import { button, el, note } from "./dom.js";
import { camera, problems, tick } from "./fields.js";
import { choices, clock, labelOf, t } from "./page.js";
import { here } from "./place.js";
import { add, drop, retry } from "./queue.js";
import { boundNote, signed } from "./telephone.js";

const UNDER_WAY = ["EN_ROUTE", "CHECKED_IN", "REPORTED", "UNDER_REVIEW", "RETURNED", "VERIFIED", "ABORTED"];
const ARRIVED = UNDER_WAY.filter((state) => state !== "EN_ROUTE");

/** Return how a step stands that was put into the queue: in words, with what can be done about it. */
export function standing(item, { again = true } = {}) {
    if (!item) return [];
    if (item.state === "waiting") return [note(t("stepWaits", { time: clock(item.at) }), "wait")];
    if (item.state === "sent") return [note(item.reasons[0]?.text ?? t("stepSent", { time: clock(item.at) }), "good")];
    return [
        ...item.reasons.map((reason) => note(t("stepRefused", { reason: reason.text }), "bad")),
        el("div", { className: "row" }, again && button(t("sendAgain"), () => retry(item), { className: "quiet" }), button(t("dropStep"), () => drop(item), { className: "quiet" })),
    ];
}

/** Return the newest step of a kind. */
export const newest = (context, kind) => context.items.filter((item) => item.kind === kind).at(-1);

const pending = (item) => item && item.state !== "sent";

export const out = {
    id: "out",
    title: "stepOut",
    state: ({ order, ...context }) => (UNDER_WAY.includes(order.state) ? "done" : (newest(context, "depart")?.state ?? "open")),
    draw(context) {
        const { order } = context, item = newest(context, "depart");
        if (UNDER_WAY.includes(order.state)) return [note(t("onTheWay"), "good")];
        if (order.state !== "ACCEPTED") return [note(t("notAcceptedYet", { state: order.state_label }), "plain")];
        if (item) return standing(item);
        return [
            el("p", {}, t("outText")),
            button(t("setOut"), async () => {
                await add({ kind: "depart", order: order.id, ref: `depart:${order.id}` });
                await context.go("arrive");
            }, { className: "main", id: "set-out" }),
        ];
    },
};

async function sendPosition(context, kind) {
    const { order, draft } = context;
    const position = await here();
    const body = { position };
    if (kind === "check-in") Object.assign(body, { badge_evidence_ref: draft.badgeRef, is_indoors: draft.isIndoors });
    await add({ kind, order: order.id, body: await signed(kind === "check-in" ? "IN" : "OUT", order.id, body) });
    context.tellPlace(position);
    return position;
}

export const arrive = {
    id: "arrive",
    title: "stepArrive",
    state: (context) => {
        if (ARRIVED.includes(context.order.state)) return "done";
        const item = newest(context, "check-in");
        if (pending(item)) return item.state;
        return context.draft.arrival?.refusals.length ? "refused" : "open";
    },
    draw(context) {
        const { order, draft } = context, item = newest(context, "check-in"), { arrival } = draft;
        const badge = draft.media.find((each) => each.ref === draft.badgeRef);
        const result = [];
        if (arrival?.aborted) result.push(note(t("turnBack"), "bad"), ...arrival.refusals.map((text) => note(text, "bad")));
        else if (order.state === "CHECKED_IN") result.push(note(t("mayKnock"), "good", "may-knock"));
        else if (arrival?.refusals.length) result.push(note(t("notYet"), "wait"), ...arrival.refusals.map((text) => note(text, "wait")));
        if (ARRIVED.includes(order.state)) return [...result, ...problems(context, "check_ins")];
        return [
            el("p", {}, t("arriveText")),
            camera(badge ? t("badgeAgain") : t("badgePhoto"), async (file) => {
                const media = await context.keepPhoto(file, "BADGE_AND_MANDATE");
                if (media) {
                    draft.badgeRef = media.ref;
                    await context.save();
                    context.redraw();
                }
            }, { id: "badge-photo" }),
            badge && note(t("badgeTaken", { time: clock(badge.at) }), "good"),
            tick(context, draft, "isIndoors", t("indoors")),
            ...standing(pending(item) ? item : null),
            ...result,
            boundNote(context.telephone),
            note(t("checkInOnline"), "plain"),
            !(item?.state === "waiting") && button(t("checkIn"), () => sendPosition(context, "check-in"), { className: "main", id: "check-in", disabled: order.state !== "EN_ROUTE" && !context.isQueued("depart"), failed: context.failed }),
            button(t("lookAgain"), context.refresh, { className: "quiet", failed: context.failed }),
            problems(context, "check_ins"),
        ];
    },
};

export const leave = {
    id: "leave",
    title: "stepLeave",
    state: (context) => newest(context, "check-out")?.state.replace("sent", "done") ?? "open",
    draw(context) {
        const item = newest(context, "check-out"), aborted = newest(context, "abort");
        return [
            el("p", {}, t("leaveText")),
            ...standing(item),
            (!item || item.state === "refused") && button(t("checkOut"), () => sendPosition(context, "check-out"), { className: "main", id: "check-out", failed: context.failed }),
            problems(context, "checked_out_at"),
            el("details", { className: "inner" }, el("summary", {}, t("breakOff")), breakOff(context, aborted)),
        ];
    },
};

function breakOff(context, item) {
    if (item) return standing(item);
    const given = context.draft.breaking ?? (context.draft.breaking = { finding: "", reason: "" });
    const select = el("select", { "aria-label": t("breakOffWhy") }, el("option", { value: "" }, t("choose")), ["F40", "F41"].map((code) => el("option", { value: code }, labelOf(choices.findings, code))));
    select.value = given.finding;
    const reason = el("textarea", { rows: 2, maxLength: 200, "aria-label": t("breakOffReason"), placeholder: t("breakOffReason") });
    reason.value = given.reason;
    const keep = () => {
        Object.assign(given, { finding: select.value, reason: reason.value });
        context.save();
    };
    select.addEventListener("change", keep);
    reason.addEventListener("input", keep);
    const send = async () => {
        if (!given.finding || !given.reason.trim()) throw new Error(t("breakOffMissing"));
        await add({ kind: "abort", order: context.order.id, body: { finding: given.finding, reason: given.reason } });
    };
    return [select, reason, button(t("breakOff"), send, { className: "danger", failed: context.failed })];
}


// One visit on one page: its steps one below the other, the open one as it was left.
import { button, el, note } from "./dom.js";
import { draftOf, save } from "./drafts.js";
import { tell } from "./events.js";
import { clock, page, t } from "./page.js";
import { takePhoto } from "./photos.js";
import { items } from "./queue.js";
import { finishCutOff, runningRecording } from "./recording.js";
import { problemsOf, stepOf } from "./report.js";
import { call } from "./server.js";
import { handin } from "./step-handin.js";
import { outcome } from "./step-outcome.js";
import { photos } from "./step-photos.js";
import { sections } from "./step-sections.js";
import { entry, identity, record } from "./step-talk.js";
import { arrive, leave, newest, out } from "./step-way.js";
import { telephone } from "./telephone.js";
import * as vault from "./vault.js";
import { ADDRESS_SHOWN, addressOf, find, revealAddress, storeOrder } from "./visits.js";

// The colleague's check-in opens the door: it is asked after while one waits for it.
const ASK_AGAIN_MS = 10_000;
let asking = null;

const STEPS = [out, arrive, record, identity, sections, photos, entry, outcome, leave, handin];

function head(context) {
    const { order, address } = context;
    return el("section", { className: "card head" },
        el("h2", {}, `${clock(order.window_start)}–${clock(order.window_end)} · ${order.borrower_name}`),
        el("p", { className: "state" }, order.state_label),
        order.reception_only && note(t("receptionOnly"), "wait"),
        el("p", { className: "address" }, address?.line ?? order.address),
        el("div", { className: "row" },
            !address && ADDRESS_SHOWN.includes(order.state) && button(t("showAddress"), () => revealAddress(order.id), { className: "quiet", id: "show-address", failed: context.failed }),
            el("a", { className: "button quiet", href: `tel:${page.office}` }, t("callOffice"))),
        address?.qr && el("details", { className: "inner" }, el("summary", {}, t("letterQr")), el("img", { className: "qr", src: address.qr, alt: address.letter }), el("p", { className: "small" }, address.letter)));
}

function stepCard(context, step, number) {
    const state = step.state(context), wrong = [...context.problems.keys()].some((field) => stepOf(field) === step.id);
    const shown = wrong ? "refused" : state;
    const isOpen = context.draft.done || context.draft.step === step.id;
    const summary = el("summary", {}, el("span", { className: "number" }, String(number)), el("span", { className: "title" }, t(step.title)), el("span", { className: `chip ${shown}` }, t(`state_${shown}`)));
    const card = el("details", { className: "card step", id: `step-${step.id}`, open: isOpen }, summary, isOpen ? step.draw(context) : []);
    summary.addEventListener("click", (event) => {
        event.preventDefault();
        context.go(isOpen ? "" : step.id);
    });
    return card;
}

/** Draw one visit into `root`. `tools` are {failed, tellPlace}. Returns false where there is no such visit. */
export async function drawVisit(root, id, tools) {
    const order = await find(id);
    if (!order) return false;
    const draft = await draftOf(order);
    if (!draft.done && draft.recordings.some((each) => !each.done) && !runningRecording()) await finishCutOff(draft);
    const own = (await items()).filter((item) => item.order === id);
    // The steps of an earlier version of the report are of no use to the next one.
    const current = draft.done || order.state !== "RETURNED" ? own : own.filter((item) => item.kind !== "file" && item.kind !== "report" || item.body.external_ref === draft.ref);
    const context = {
        ...tools, order, draft, items: current, address: await addressOf(id), telephone: await telephone(),
        problems: problemsOf(newest({ items: current }, "report")),
        save: () => save(draft),
        redraw: () => drawVisit(root, id, tools),
        isQueued: (kind) => current.some((item) => item.kind === kind && item.state === "waiting"),
        go: async (step) => {
            draft.step = step;
            await save(draft);
            await drawVisit(root, id, tools);
            if (step) document.getElementById(`step-${step}`)?.scrollIntoView({ block: "start" });
        },
        refresh: async () => storeOrder(await call("GET", `/api/v1/visit-orders/${id}/`)),
        keepPhoto: async (file, kind) => {
            try {
                const media = await takePhoto(file, kind);
                draft.media.push(media);
                await save(draft);
                return media;
            } catch (error) {
                tools.failed(error);
                return null;
            }
        },
        removeMedia: (ref) => vault.remove(`media:${ref}`),
    };
    clearTimeout(asking);
    if (draft.step === "arrive" && draft.arrival && order.state === "EN_ROUTE" && !document.hidden) {
        asking = setTimeout(() => context.refresh().catch(() => tell("visits")), ASK_AGAIN_MS);
    }
    const place = window.scrollY;
    // Once everything is with the office, nothing of the other steps is left here.
    const steps = draft.done ? [handin] : STEPS;
    root.replaceChildren(head(context), ...steps.map((step) => stepCard(context, step, STEPS.indexOf(step) + 1)));
    window.scrollTo(0, place);
    return true;
}

// At the open door: the announced recording, who it is, what may be said, and the consent to enter.
import { button, el, note } from "./dom.js";
import { problems, tick, ticks } from "./fields.js";
import { choices, clock, page, t } from "./page.js";
import { longestGap, runningRecording, startRecording, stopRecording, talkRecordings } from "./recording.js";
import { factorCount, isIdentified } from "./report.js";

const seconds = (recording) => Math.round(recording.parts.reduce((sum, part) => sum + part.to - part.from, 0) / 1000);

/** Return how a recording stands, with its button. `purpose` says what it is for. */
export function recorder(context, purpose, { start, stop, began = null, ended = null, disabled = false }) {
    const running = runningRecording();
    if (running?.purpose === purpose) {
        return [
            el("p", { className: "note recording", role: "status", "data-recording": running.ref }, t("recordingNow", { n: seconds(running) })),
            button(stop, async () => {
                ended?.();
                await stopRecording();
                await context.save();
                context.redraw();
            }, { className: "danger", id: `stop-${purpose.split(":")[0]}`, failed: context.failed }),
        ];
    }
    return [button(start, async () => {
        await startRecording(context.draft, purpose);
        began?.();
        await context.save();
        context.redraw();
    }, { className: "main", id: `start-${purpose.split(":")[0]}`, disabled: disabled || Boolean(running), failed: context.failed })];
}

export const record = {
    id: "record",
    title: "stepRecord",
    state: ({ draft }) => (draft.recordingRefused || (draft.announced && talkRecordings(draft).length && !runningRecording()) ? "done" : "open"),
    draw(context) {
        const { draft } = context, gap = longestGap(draft);
        const began = () => (draft.talkBegan ||= new Date().toISOString());
        const ended = () => (draft.talkEnded = new Date().toISOString());
        return [
            el("blockquote", {}, t("announcement")),
            tick(context, draft, "announced", t("announced"), { field: "recording_announced", redraw: true }),
            tick(context, draft, "recordingRefused", t("recordingRefused"), { redraw: true }),
            draft.recordingRefused ? [
                el("p", {}, t("talkTimesText")),
                el("div", { className: "row" },
                    button(t("talkBegins"), async () => { began(); await context.save(); context.redraw(); }, { className: draft.talkBegan ? "quiet" : "main", id: "talk-begins", disabled: Boolean(draft.talkBegan) }),
                    button(t("talkEnds"), async () => { ended(); await context.save(); context.redraw(); }, { className: "quiet", id: "talk-ends", disabled: !draft.talkBegan })),
            ] : recorder(context, "talk", { start: t("startRecording"), stop: t("stopRecording"), began, ended, disabled: !draft.announced }),
            draft.talkBegan && el("p", {}, t("talkTimes", { from: clock(draft.talkBegan), to: clock(draft.talkEnded) })),
            talkRecordings(draft).map((each) => note(t("recordedParts", { time: clock(each.began), n: each.parts.length, seconds: seconds(each) }), "good")),
            gap !== null && note(t(gap > page.limits.gapSeconds ? "gapTooLong" : "gap", { n: gap, most: page.limits.gapSeconds }), gap > page.limits.gapSeconds ? "bad" : "plain"),
            problems(context, "recording_gap_seconds"),
        ];
    },
};

export const identity = {
    id: "identity",
    title: "stepIdentity",
    state: ({ draft }) => (isIdentified(draft) ? "done" : "open"),
    draw(context) {
        const { draft, order } = context, missing = page.limits.factors - factorCount(draft);
        return [
            el("p", {}, t("identityText", { name: order.borrower_name })),
            tick(context, draft, "nameCompared", t("nameCompared"), { redraw: true, changed: () => { if (!draft.nameCompared) draft.factors = []; } }),
            ticks(context, draft, "factors", t("factors"), choices.factors, { field: "identity_factors", redraw: true, disabled: !draft.nameCompared }),
            isIdentified(draft)
                ? [note(t("identified", { n: factorCount(draft) }), "good", "identified"), el("blockquote", {}, t("maySay"))]
                : note(draft.nameCompared ? t("factorsMissing", { n: missing }) : t("sayNothing"), "wait", "not-identified"),
        ];
    },
};

export const entry = {
    id: "entry",
    title: "stepEntry",
    state: ({ draft }) => (!draft.entered ? "optional" : draft.entryConsentRef ? "done" : "refused"),
    draw(context) {
        const { draft } = context, file = draft.media.find((each) => each.ref === draft.entryConsentRef);
        return [
            el("p", {}, t("entryText")),
            el("blockquote", {}, t("entryQuestion")),
            file ? note(t("entryRecorded", { time: clock(file.at) }), "good") : recorder(context, "entry", { start: t("recordConsent"), stop: t("stopConsent") }),
            tick(context, draft, "entered", t("entered"), { field: "entered_home", redraw: true }),
            draft.entered && !draft.entryConsentRef && note(t("enteredWithoutConsent"), "bad"),
            problems(context, "entry_consent_ref"),
        ];
    },
};

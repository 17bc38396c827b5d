// Handing in: both sign, the report goes first, its files follow; each line says how it stands.
import { button, el, note } from "./dom.js";
import { problems, tick } from "./fields.js";
import { choices, clock, labelOf, t } from "./page.js";
import { add, drop, retry, whyNot } from "./queue.js";
import { runningRecording } from "./recording.js";
import { allowsNoMedia, reportOf, stepOf } from "./report.js";
import { newest, standing } from "./step-way.js";

const progress = new Map();

/** Note how far a file is; shown where its line is drawn. */
export function noteProgress({ ref, done, of }) {
    progress.set(ref, t("partOf", { n: done + 1, of }));
    const shown = document.querySelector(`[data-file="${ref}"] .how`);
    if (shown) shown.textContent = progress.get(ref);
}

function kindOf(media) {
    return media.kind === "AUDIO" ? t("recordingFile") : labelOf(choices.photographs, media.kind);
}

function fileLine(item) {
    const media = item.body.media ?? item.answer?.media ?? { ref: item.ref.slice(5), kind: "" };
    const how = { waiting: progress.get(media.ref) ?? t("waiting"), sent: t("sent"), refused: t("refused") }[item.state];
    return el("li", { className: `file ${item.state}`, "data-file": media.ref },
        el("span", {}, kindOf(media)), el("span", { className: "how" }, how),
        item.state === "refused" && [
            item.reasons.map((reason) => note(reason.text, "bad")),
            el("div", { className: "row" }, button(t("sendAgain"), () => retry(item), { className: "quiet" }), button(t("dropFile"), () => drop(item), { className: "quiet" })),
        ]);
}

function refusal(context, item) {
    const steps = [...new Set(item.reasons.map((reason) => stepOf(reason.field)))];
    return [
        note(t("reportRefused"), "bad", "report-refused"),
        el("ul", { className: "problems" }, item.reasons.map((reason) => el("li", {}, reason.text))),
        el("div", { className: "row" }, steps.filter((step) => step !== "handin").map((step) => button(t(`step${step[0].toUpperCase()}${step.slice(1)}`), () => context.go(step), { className: "quiet" }))),
    ];
}

export const handin = {
    id: "handin",
    title: "stepHandin",
    state: (context) => {
        const item = newest(context, "report"), files = context.items.filter((each) => each.kind === "file");
        if (context.draft.done) return "done";
        if (!item) return "open";
        if (item.state !== "sent") return item.state;
        return files.some((each) => each.state === "refused") ? "refused" : files.every((each) => each.state === "sent") ? "done" : "waiting";
    },
    draw(context) {
        const { draft } = context, item = newest(context, "report"), files = context.items.filter((each) => each.kind === "file");
        const lines = el("ul", { className: "files" }, files.map(fileLine));
        if (draft.done) return [note(t("allSent", { time: clock(draft.handedInAt) }), "good", "all-sent"), lines];
        if (item?.state === "sent") return [note(t("reportTaken", { time: clock(draft.handedInAt ?? item.at) }), "good", "report-sent"), el("p", {}, t("filesFollow")), lines, whyNot() && note(whyNot(), "wait")];
        if (item?.state === "waiting") {
            const before = context.items.find((each) => each.number < item.number && each.state === "refused");
            return [note(t(before ? "reportBehind" : "reportWaits"), before ? "bad" : "wait", "report-waits"), before ? standing(before) : whyNot() && note(whyNot(), "wait"), button(t("takeBack"), () => drop(item), { className: "quiet" })];
        }
        const recording = Boolean(runningRecording()), missing = [["findings", "findings"], ["person", "personMet"], ["recommendation", "recommendation"], ["reason", "reason"]]
            .filter(([name]) => !draft[name].length).map(([, label]) => t(label));
        return [
            item && refusal(context, item),
            el("p", {}, t("attestText")),
            tick(context, draft, "attestedLead", t("attestLead", { badge: context.order.lead }), { redraw: true }),
            tick(context, draft, "attestedSecond", t("attestSecond", { badge: context.order.second }), { redraw: true }),
            problems(context, "signed_by"),
            allowsNoMedia(draft) ? note(t("noMedia"), "wait", "no-media") : note(t("mediaCount", { n: draft.media.length }), "plain"),
            recording && note(t("stopFirst"), "wait"),
            missing.length > 0 && [note(t("stillMissing", { what: missing.join(", ") }), "wait", "still-missing"), button(t("stepOutcome"), () => context.go("outcome"), { className: "quiet" })],
            button(t("handIn"), async () => {
                await context.save();
                await add({ kind: "report", order: context.order.id, body: reportOf(draft) });
            }, { className: "main", id: "hand-in", disabled: recording || missing.length > 0 || !draft.attestedLead || !draft.attestedSecond, failed: context.failed }),
        ];
    },
};

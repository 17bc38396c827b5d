// The four sections: a verdict each, how sure it is in words, and the papers that were shown.
import { button, el, note } from "./dom.js";
import { camera, choice, problems, textField } from "./fields.js";
import { choices, t } from "./page.js";
import { recorder } from "./step-talk.js";

const LIKELY = choices.certainties[1].value;

function paperFields(context, paper) {
    const declared = choices.documents.find((each) => each.value === paper.kind);
    if (!declared) return [];
    paper.fields ??= {};
    // A kind of paper declares the fields that it asks for; the page draws what is declared.
    const typed = declared.fields.map((field) => {
        const label = field.required ? `${field.label} *` : field.label;
        if (field.choices.length) return choice(context, paper.fields, field.name, label, field.choices);
        const how = field.many ? { rows: 3 } : { type: field.type, most: field.most, mode: field.mode };
        return textField(context, paper.fields, field.name, field.many ? `${label} ${t("oneBelowTheOther")}` : label, how);
    });
    const consent = !declared.consent || !paper.copyRef ? [] : paper.copyConsentRef
        ? note(t("copyConsentRecorded"), "good")
        : [note(t("copyConsentMissing"), "wait"), recorder(context, `copy:${paper.id}`, { start: t("recordConsent"), stop: t("stopConsent") })];
    return [
        choice(context, paper, "verdict", t("paperVerdict"), choices.documentVerdicts),
        typed.length > 0 && note(t("paperFieldsText"), "plain"),
        ...typed,
        textField(context, paper, "issuer", t("issuer"), { most: 80 }),
        textField(context, paper, "issuedOn", t("issuedOn"), { type: "date" }),
        paper.copyRef ? note(t("copyTaken"), "good") : camera(t("copyPhoto"), async (file) => {
            const media = await context.keepPhoto(file, "DOCUMENT");
            if (media) paper.copyRef = media.ref;
            await context.save();
            context.redraw();
        }),
        !paper.copyRef && textField(context, paper, "noCopyReason", t("noCopyReason"), { most: 120 }),
        consent,
    ];
}

function paperCard(context, paper) {
    const { draft } = context;
    return el("div", { className: "paper" },
        choice(context, paper, "kind", t("paperKind"), choices.documents, { redraw: true }),
        paperFields(context, paper),
        button(t("removePaper"), async () => {
            draft.documents = draft.documents.filter((each) => each !== paper);
            await context.save();
            context.redraw();
        }, { className: "quiet" }));
}

function sectionCard(context, section) {
    const { draft } = context;
    const given = (draft.sections[section.value] ??= { verdict: "", confidence: LIKELY, note: "" });
    return el("fieldset", { className: "section", "data-section": section.value },
        el("legend", {}, section.label),
        choice(context, given, "verdict", t("verdict"), section.verdicts, { field: section.value, redraw: true }),
        given.verdict && [
            choice(context, given, "confidence", t("howSure"), choices.certainties),
            textField(context, given, "note", t("sectionNote"), { rows: 2, most: 300, field: "note" }),
            draft.documents.filter((paper) => paper.section === section.value).map((paper) => paperCard(context, paper)),
            button(t("addPaper"), async () => {
                draft.documents.push({ id: crypto.randomUUID(), section: section.value, kind: "", verdict: "", issuer: "", issuedOn: "", copyRef: "", noCopyReason: "", copyConsentRef: "", fields: {} });
                await context.save();
                context.redraw();
            }, { className: "quiet" }),
        ]);
}

export const sections = {
    id: "sections",
    title: "stepSections",
    state: ({ draft }) => (Object.values(draft.sections).some((section) => section.verdict) ? "done" : "open"),
    draw: (context) => [
        el("p", {}, t("sectionsText")),
        problems(context, "sections"),
        problems(context, "documents"),
        choices.sections.map((section) => sectionCard(context, section)),
    ],
};

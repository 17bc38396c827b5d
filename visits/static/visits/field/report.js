// The report as the server takes it, made from the draft; and where each of its problems is mended.
import { choices, page } from "./page.js";
import { longestGap } from "./recording.js";

/** Return how many factors identified the person: none unless the name was compared first. */
export const factorCount = (draft) => (draft.nameCompared ? draft.factors.length : 0);

/** Return whether name and enough factors were compared, so that something may be said. */
export const isIdentified = (draft) => factorCount(draft) >= page.limits.factors;

const compact = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== "" && value !== null && value !== undefined));

function documentOf(paper) {
    return compact({
        kind: paper.kind, verdict: paper.verdict, issuer: paper.issuer, issued_on: paper.issuedOn, copy_ref: paper.copyRef,
        no_copy_reason: paper.copyRef ? "" : paper.noCopyReason, copy_consent_ref: paper.copyConsentRef,
        fields: fieldsOf(paper),
    });
}

/** Return what was read from a paper, by the fields of its kind; what was left out stays out. */
function fieldsOf(paper) {
    const declared = choices.documents.find((each) => each.value === paper.kind)?.fields ?? [];
    const read = declared.map(({ name, many }) => {
        const text = (paper.fields?.[name] ?? "").trim();
        return [name, many ? text.split(/[\s,，、;；]+/).filter(Boolean) : text];
    });
    return Object.fromEntries(read.filter(([, value]) => value.length > 0));
}

/** Return whether a finding allows no pictures and no recordings at all: only a minor was there, or the crew turned back. */
export function allowsNoMedia(draft) {
    return choices.findings.some((finding) => draft.findings.includes(finding.value) && finding.media === "NONE");
}

/** Return the files that go with the report. */
export const announcedMedia = (draft) => (allowsNoMedia(draft) ? [] : draft.media);

/** Return the body of a report. */
export function reportOf(draft) {
    return compact({
        external_ref: draft.ref,
        findings: draft.findings,
        person_met: draft.person,
        recommendation: draft.recommendation,
        recommendation_reason: draft.reason,
        attested_by_lead: draft.attestedLead,
        attested_by_second: draft.attestedSecond,
        sections: Object.entries(draft.sections).filter(([, section]) => section.verdict).map(([section, given]) => compact({
            section, verdict: given.verdict, confidence: given.confidence, note: given.note,
            documents: draft.documents.filter((paper) => paper.section === section && paper.kind && paper.verdict).map(documentOf),
        })),
        media: announcedMedia(draft).map(({ ref, kind, sha256 }) => ({ ref, kind, sha256 })),
        disclosure: draft.disclosure,
        identity_factors: factorCount(draft),
        address_verdict: draft.addressVerdict,
        is_hearsay_marked: draft.hearsay,
        entered_home: draft.entered,
        entry_consent_ref: draft.entered ? draft.entryConsentRef : "",
        took_payment: draft.tookPayment,
        recording_announced: draft.announced,
        recording_refused: draft.recordingRefused,
        recording_gap_seconds: longestGap(draft),
        contact_started_at: draft.talkBegan,
        contact_ended_at: draft.talkEnded,
        statement: draft.statement,
        observations: draft.observations,
        promised_amount: draft.promisedAmount,
        promised_for: draft.promisedFor,
        incident: draft.incident,
    });
}

// The step in which each field of the report stands, by the names that the server uses.
const STEPS = {
    arrive: ["check_ins"],
    record: ["recording_announced", "recording_refused", "recording_gap_seconds"],
    identity: ["identity_factors"],
    sections: ["sections", "documents", "IDENTITY", "CAPACITY", "CAUSE", "RESIDENCE", "note"],
    photos: ["media"],
    entry: ["entered_home", "entry_consent_ref"],
    leave: ["checked_out_at"],
    handin: ["signed_by", "attested_by_lead", "attested_by_second", "external_ref"],
};
const SAME = {
    persons_met: "person_met", disclosed: "disclosure", incident_ref: "incident", contact_ended_at: "contact_started_at",
    attested_by_lead: "signed_by", attested_by_second: "signed_by", recording_refused: "recording_announced",
};

/** Return the field's own name: the server names some fields in two ways, and parts of lists by their place. */
export function fieldOf(name) {
    const first = (name ?? "").split(".")[0];
    return SAME[first] ?? first;
}

/** Return the step in which a field is mended. */
export function stepOf(name) {
    const field = fieldOf(name);
    return Object.keys(STEPS).find((step) => STEPS[step].includes(field)) ?? "outcome";
}

/** Return the label of a field of a paper that the server names by its place, with a colon; empty for any other field. */
function labelOfPaperField(name) {
    const field = /(?:fields\.|^[A-Z]+\.[A-Z_]+\.)(\w+)/.exec(name ?? "")?.[1];
    const labels = choices.documents.flatMap((each) => each.fields).filter((each) => each.name === field);
    return labels.length ? `${labels[0].label}: ` : "";
}

/** Return the problems of a refused report by field. */
export function problemsOf(item) {
    const found = new Map();
    for (const { field, text } of item?.state === "refused" ? item.reasons : []) {
        const name = fieldOf(field);
        found.set(name, [...(found.get(name) ?? []), `${labelOfPaperField(field)}${text}`]);
    }
    return found;
}

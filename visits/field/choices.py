"""The closed lists of the crew's page with what follows from each choice, in the reader's language."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.enums import SECTION_VERDICTS, Certainty, Section
from visits.enums import (
    AddressVerdict,
    Disclosure,
    DocumentKind,
    DocumentVerdict,
    EvidenceKind,
    PersonMet,
    Recommendation,
)
from visits.rules.report.finding_table import FINDINGS
from visits.rules.report.findings import PHOTOGRAPHS
from visits.rules.report.paper_fields import PAPER_FIELDS, FieldType

# What each word of certainty is sent as.
CONFIDENCE: Final = {Certainty.FIRM: "0.90", Certainty.LIKELY: "0.70", Certainty.WEAK: "0.40"}
# What can be compared at the door beside the name; the number of those ticked is what the report says.
FACTORS: Final = {
    "FACE": _("Face with the photograph on the identity card"),
    "NUMBER": _("Last four characters of the identity number"),
    "BIRTH": _("Date of birth"),
    "PHONE": _("Last four digits of the telephone number"),
    "PLACE": _("Address on the identity card"),
}
# A copy of these needs a consent of its own.
CONSENT_TO_COPY: Final = frozenset({DocumentKind.HARDSHIP_PROOF})


def choices() -> dict[str, Any]:
    """Return every list of the page as JSON takes it."""
    return {
        "findings": [
            {
                "value": code.value,
                "label": str(code.label),
                "persons": sorted(rule.persons),
                "disclosure": rule.disclosure.value,
                "media": rule.media.value,
                "recommendations": [each.value for each in rule.follow_up],
                "address": rule.address_verdict.value if rule.address_verdict else "",
                "hearsay": rule.is_hearsay,
                "incident": rule.is_incident,
                "protects": rule.stops_visits,
            }
            for code, rule in FINDINGS.items()
        ],
        "persons": _listed(PersonMet),
        "disclosures": _listed(Disclosure),
        "addressVerdicts": _listed(AddressVerdict),
        "recommendations": _listed(Recommendation),
        "sections": [
            {
                "value": section.value,
                "label": str(section.label),
                "verdicts": [{"value": each.value, "label": str(each.label)} for each in SECTION_VERDICTS[section]],
            }
            for section in Section
        ],
        "certainties": [{"value": CONFIDENCE[each], "label": str(each.label)} for each in Certainty],
        "factors": [{"value": name, "label": str(label)} for name, label in FACTORS.items()],
        "photographs": [each for each in _listed(EvidenceKind) if each["value"] in PHOTOGRAPHS],
        "documents": [
            each | {"consent": each["value"] in CONSENT_TO_COPY, "fields": paper_fields(DocumentKind(each["value"]))}
            for each in _listed(DocumentKind)
        ],
        "documentVerdicts": _listed(DocumentVerdict),
    }


def paper_fields(kind: DocumentKind) -> list[dict[str, Any]]:
    """Return the fields that the page asks of a kind of paper: name, label, how it is typed in, and what it is chosen from."""
    return [
        {
            "name": each.name,
            "label": str(each.label),
            "required": each.required,
            "type": "date" if each.type == FieldType.DATE else "text",
            "mode": "decimal" if each.type == FieldType.AMOUNT else None,
            # Several values: one below the other, or with commas between them.
            "many": each.type in (FieldType.MONTHS, FieldType.AMOUNTS),
            "most": each.longest,
            "choices": [{"value": value, "label": str(label)} for value, label in each.choices.items()],
        }
        for each in PAPER_FIELDS.get(kind, ())
    ]


def _listed(words: Any) -> list[dict[str, Any]]:
    return [{"value": each.value, "label": str(each.label)} for each in words]

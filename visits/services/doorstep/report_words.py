"""The texts of a report: searched when it is handed in, other people's data taken out of what is kept in clear."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cases.rules.wording.scan import Found, counted, scan, without
from cases.services.casework.wording import words_in_use
from visits.enums import PersonMet
from visits.services.doorstep.report_draft import ReportDraft

# Texts kept in clear. What was said at the door is sealed, so it is searched and stays as it is.
CLEAR = ("observations", "incident", "recommendation_reason")
SEALED = "statement"
# To whom the debt may be spoken of; with anybody else a word of it is a matter for the reviewer.
KNOWING = frozenset({PersonMet.BORROWER, PersonMet.OBLIGOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """
    A draft with other people's data taken out of its clear texts.

    `marks` counts what was found by field; `originals` holds the texts as they were written, of the fields that changed.
    """

    draft: ReportDraft
    found: tuple[Found, ...]
    marks: Mapping[str, Mapping[str, int]]
    originals: Mapping[str, str]

    @property
    def original_texts(self) -> str:
        """The originals as they are kept sealed; empty if no text was changed."""
        return json.dumps(dict(self.originals), ensure_ascii=False) if self.originals else ""


def read_words(*, draft: ReportDraft) -> ReadReport:
    """Return the draft as its texts may be kept, and what was found in them."""
    words, debt = words_in_use(), draft.person_met not in KNOWING
    marks: dict[str, Mapping[str, int]] = {}
    originals: dict[str, str] = {}
    everything: list[Found] = []

    def kept(field: str, text: str) -> str:
        found = scan(text=text, words=words, debt=debt)
        if not found:
            return text
        everything.extend(found)
        marks[field] = counted(found=found)
        bare = text if field == SEALED else without(text=text, found=found)
        if bare != text:
            originals[field] = text
        return bare

    changes: dict[str, Any] = {name: kept(name, getattr(draft, name)) for name in (*CLEAR, SEALED)}
    changes["sections"] = tuple(
        replace(
            section,
            note=kept(f"note {section.section}", section.note),
            documents=tuple(
                replace(document, issuer=kept(f"issuer {section.section}", document.issuer))
                for document in section.documents
            ),
        )
        for section in draft.sections
    )
    return ReadReport(draft=replace(draft, **changes), found=tuple(everything), marks=marks, originals=originals)


def original_texts(*, sealed: str) -> dict[str, str]:
    """Return the texts as they were written, by field, from the opened text of a report."""
    return dict(json.loads(sealed)) if sealed else {}

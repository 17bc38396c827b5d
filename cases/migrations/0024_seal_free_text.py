"""
Seal the free text that stands in clear, in batches of 1,000 rows, each in a transaction of its own.

Run again after an interruption it continues: a text that is sealed is emptied in the same statement. The source of a
circumstance that is the number of our own decision, complaint or visit becomes a code and that number; any other becomes
OTHER with a sealed note. Reversed, every text is opened and written back.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import migrations, transaction
from django.db.models import Q

from backoffice.core.sealed.sealing import seal, unseal

BATCH: Final = 1000
LONGEST_SOURCE: Final = 120
# The numbers that our own services wrote as the source of a circumstance.
NUMBERS: Final = (
    (re.compile(r"D\d{7,}"), "DECISION"),
    (re.compile(r"Q\d{7,}"), "COMPLAINT"),
    (re.compile(r"V\d{7,}"), "VISIT"),
)


def _batches(rows: Any) -> Iterator[list[Any]]:
    """Yield the rows in batches by primary key, each inside its own transaction."""
    after = 0
    while True:
        with transaction.atomic():
            batch = list(rows.filter(pk__gt=after).select_for_update().order_by("pk")[:BATCH])
            if not batch:
                return
            yield batch
            after = batch[-1].pk


def _seal(row: Any, name: str, text: str) -> None:
    field = row._meta.get_field(name)
    setattr(row, name, seal(text=text, place=field.place, bound_to=field.binding(row)))


def _open(row: Any, name: str) -> str:
    """Return the clear text, whether the row has just been read or not."""
    value = getattr(row, name)
    field = row._meta.get_field(name)
    if isinstance(value, bytes):
        return unseal(sealed=value, place=field.place, bound_to=field.binding(row))
    return value or ""


def seal_decision(row: Any) -> None:
    """Move the approver's note and the explanation in the terms to their sealed columns."""
    if row.approval_note_clear:
        row.note_ref = uuid.uuid4()
        _seal(row, "approval_note", row.approval_note_clear)
        row.approval_note_clear = ""
    if "explanation" in row.terms:
        row.explanation_ref = uuid.uuid4()
        _seal(row, "explanation", str(row.terms.pop("explanation")))


def open_decision(row: Any) -> None:
    """Write both texts back in clear."""
    row.approval_note_clear = _open(row, "approval_note")
    explanation = _open(row, "explanation")
    if explanation:
        row.terms["explanation"] = explanation
    row.approval_note = row.note_ref = row.explanation = row.explanation_ref = None


def seal_complaint(row: Any) -> None:
    """Move what the borrower said and the answer to their sealed columns."""
    row.text_ref = uuid.uuid4()
    _seal(row, "subject", row.subject_clear)
    _seal(row, "answer", row.answer_clear)
    row.subject_clear = row.answer_clear = ""


def open_complaint(row: Any) -> None:
    """Write both texts back in clear."""
    row.subject_clear, row.answer_clear = _open(row, "subject"), _open(row, "answer")
    row.subject = row.answer = None


def seal_flag(row: Any) -> None:
    """Turn the source of a circumstance into a code with our own number, or into OTHER with a sealed note."""
    for number, code in NUMBERS:
        if number.fullmatch(row.source_clear):
            row.source, row.source_ref = code, row.source_clear
            break
    else:
        row.source, row.note_ref = "OTHER", uuid.uuid4()
        _seal(row, "note", row.source_clear)
    row.source_clear = ""


def open_flag(row: Any) -> None:
    """Write the source back as one text: the number, the note or the code, whichever there is."""
    row.source_clear = (row.source_ref or _open(row, "note") or row.source)[:LONGEST_SOURCE]
    row.source, row.source_ref, row.note, row.note_ref = "OTHER", "", None, None


def seal_mute(row: Any) -> None:
    """Move the reason of a mute to its sealed column."""
    row.why_ref = uuid.uuid4()
    _seal(row, "why", row.why_clear)
    row.why_clear = ""


def open_mute(row: Any) -> None:
    """Write the reason back in clear."""
    row.why_clear, row.why = _open(row, "why"), None


_DECISION = ("approval_note_clear", "note_ref", "approval_note", "terms", "explanation_ref", "explanation")
_COMPLAINT = ("subject_clear", "answer_clear", "text_ref", "subject", "answer")
_FLAG = ("source_clear", "source", "source_ref", "note_ref", "note")
_MUTE = ("why_clear", "why_ref", "why")


def _change(rows: Any, fields: tuple[str, ...], change: Callable[[Any], None]) -> None:
    for batch in _batches(rows):
        for row in batch:
            change(row)
        rows.model._default_manager.bulk_update(batch, fields)


def seal_all_text(apps: Any, schema_editor: Any) -> None:
    """Seal every text that stands in clear."""
    decisions, complaints, flags, mutes = _models(apps)
    _change(decisions.filter(~Q(approval_note_clear="") | Q(terms__has_key="explanation")), _DECISION, seal_decision)
    _change(complaints.exclude(subject_clear="", answer_clear=""), _COMPLAINT, seal_complaint)
    _change(flags.exclude(source_clear=""), _FLAG, seal_flag)
    _change(mutes.exclude(why_clear=""), _MUTE, seal_mute)


def open_all_text(apps: Any, schema_editor: Any) -> None:
    """Write every sealed text back in clear."""
    decisions, complaints, flags, mutes = _models(apps)
    written = Q(approval_note__isnull=False) | Q(explanation__isnull=False)
    _change(decisions.filter(written), _DECISION, open_decision)
    _change(complaints.filter(subject__isnull=False), _COMPLAINT, open_complaint)
    _change(flags.filter(source_clear=""), _FLAG, open_flag)
    _change(mutes.filter(why__isnull=False), _MUTE, open_mute)


def _models(apps: Any) -> tuple[Any, Any, Any, Any]:
    decision, complaint, flag, mute = (
        apps.get_model("cases", name)._base_manager.all()
        for name in ("Decision", "Complaint", "BorrowerFlag", "RuleMute")
    )
    return decision, complaint, flag, mute


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("cases", "0023_sealed_columns_for_free_text"),
    ]

    operations = [migrations.RunPython(seal_all_text, open_all_text)]

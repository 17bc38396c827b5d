"""Rename the columns of free text that stand in clear, and add the sealed columns and codes that replace them."""

import uuid
from typing import Any

from django.db import migrations, models

from backoffice.core.sealed.fields import SealedField

SOURCES = [
    ("CALL", "Telephone call"),
    ("LETTER", "Letter or message"),
    ("DOCUMENT", "Document"),
    ("VISIT", "Visit report"),
    ("COMPLAINT", "Complaint or appeal"),
    ("DECISION", "Decision"),
    ("PUBLIC_NOTICE", "Public notice"),
    ("OTHER", "Other, see the note"),
]
TOPICS = [
    ("CONDUCT", "Conduct of a caller or visitor"),
    ("CONTACTS", "Too many contacts, or at the wrong time"),
    ("AMOUNT", "Amount, interest or fees"),
    ("IDENTITY", "The loan is not theirs"),
    ("PERSONAL_DATA", "Use of personal data"),
    ("DECISION", "A decision on the account"),
    ("OTHER", "Other"),
]
GROUNDS = [
    ("EVIDENCE_SUFFICIENT", "The evidence bears it out"),
    ("FOLLOWS_POLICY", "It follows from the policy"),
    ("AGREED_WITH_BORROWER", "Agreed with the borrower"),
    ("EVIDENCE_INSUFFICIENT", "The evidence is not enough"),
    ("MILDER_MEASURE", "A milder measure is enough"),
    ("FACTS_CHANGED", "The facts have changed since"),
    ("OTHER", "Other, see the note"),
]
CLEAR = (("decision", "approval_note", 300), ("complaint", "subject", 200), ("complaint", "answer", 500))
CLEAR += (("borrowerflag", "source", 120), ("rulemute", "why", 300))


def _set_aside(model: str, name: str, length: int) -> list[Any]:
    # The default lets the columns be added again when the removal is reversed.
    return [
        migrations.RenameField(model_name=model, old_name=name, new_name=f"{name}_clear"),
        migrations.AlterField(
            model_name=model, name=f"{name}_clear", field=models.CharField(max_length=length, default="", blank=True)
        ),
    ]


def _sealed(model: str, name: str, label: str, bound_to: str) -> migrations.AddField:
    field = SealedField(blank=True, bound_to=bound_to, default=None, null=True, verbose_name=label)
    return migrations.AddField(model_name=model, name=name, field=field)


def _reference(model: str, name: str, *, always: bool = False) -> migrations.AddField:
    if always:
        field = models.UUIDField(default=uuid.uuid4, editable=False)
    else:
        field = models.UUIDField(blank=True, editable=False, null=True)
    return migrations.AddField(model_name=model, name=name, field=field)


def _code(model: str, name: str, field: Any) -> migrations.AddField:
    return migrations.AddField(model_name=model, name=name, field=field, preserve_default=name == "topic")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0019_rejected_rows_are_released_by_another_person"),
    ]

    operations = [
        *(operation for column in CLEAR for operation in _set_aside(*column)),
        _code(
            "decision",
            "ground",
            models.CharField(blank=True, choices=GROUNDS, default="", max_length=25, verbose_name="ground"),
        ),
        _reference("decision", "note_ref"),
        _sealed("decision", "approval_note", "approver's note", "note_ref"),
        _reference("decision", "explanation_ref"),
        _sealed("decision", "explanation", "explanation", "explanation_ref"),
        _code(
            "complaint",
            "topic",
            models.CharField(choices=TOPICS, default="OTHER", max_length=15, verbose_name="about"),
        ),
        _reference("complaint", "text_ref", always=True),
        _sealed("complaint", "subject", "what the borrower says", "text_ref"),
        _sealed("complaint", "answer", "answer", "text_ref"),
        _code(
            "borrowerflag",
            "source",
            models.CharField(choices=SOURCES, default="OTHER", max_length=20, verbose_name="source"),
        ),
        _code(
            "borrowerflag",
            "source_ref",
            models.CharField(blank=True, default="", max_length=80, verbose_name="source reference"),
        ),
        _reference("borrowerflag", "note_ref"),
        _sealed("borrowerflag", "note", "note", "note_ref"),
        _reference("rulemute", "why_ref", always=True),
        _sealed("rulemute", "why", "why", "why_ref"),
    ]

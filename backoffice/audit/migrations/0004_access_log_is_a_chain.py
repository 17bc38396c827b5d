"""
The access log becomes a chain of its own: entries that are there are numbered and hashed in the order of their ids.

Their purposes become codes of a closed list; a typed text becomes the sealed note of OTHER. There is no way back: the
texts are not written in clear again.
"""

from typing import Any

from django.db import migrations, models

from backoffice.audit.chain import GENESIS, access_hash
from backoffice.core.sealed.fields import SealedField
from backoffice.core.sealed.sealing import seal

PURPOSES = [
    ("CONTACT", "Contact the borrower"),
    ("VISIT", "Make a visit"),
    ("LETTER", "Hand out the letter of a visit"),
    ("REVIEW", "Review a visit report or its evidence"),
    ("VERIFICATION", "Verify facts of a case"),
    ("DECISION", "Prepare or approve a decision"),
    ("COMPLAINT", "Answer a complaint"),
    ("INTAKE", "Correct an intake file"),
    ("EXPORT", "Use an approved export"),
    ("SUPERVISION", "Audit, or a question of an authority"),
    ("OTHER", "Another purpose, see the note"),
]
CODES = [code for code, _label in PURPOSES]
# What the program itself wrote as a purpose.
CODE_BY_TEXT = {"letter of the visit": "LETTER", "evidence of the visit": "REVIEW"}
BATCH = 1000
UPDATE = """
UPDATE audit_accessentry SET sequence = %s, purpose = %s, note = %s, previous_hash = %s, hash = %s WHERE id = %s
"""


def chain_entries(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    entries = apps.get_model("audit", "AccessEntry").objects.order_by("pk")
    previous, sequence, last_id = GENESIS, 0, 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_accessentry DISABLE TRIGGER access_entry_append_only")
        while batch := list(entries.filter(pk__gt=last_id).defer("note")[:BATCH]):
            rows = []
            for entry in batch:
                sequence += 1
                code = CODE_BY_TEXT.get(entry.purpose, entry.purpose)
                code, text = (code, "") if code in CODES and code != "OTHER" else ("OTHER", entry.purpose)
                note = seal(text=text, place="audit_accessentry.note", bound_to=str(sequence))
                digest = access_hash(
                    sequence=sequence,
                    at=entry.at,
                    actor_id=entry.actor_id,
                    actor_name=entry.actor_name,
                    subject_type=entry.subject_type,
                    subject_id=entry.subject_id,
                    fields=entry.fields,
                    purpose=code,
                    sealed_note=note,
                    previous_hash=previous,
                )
                rows.append((sequence, code, note, previous, digest, entry.pk))
                previous, last_id = digest, entry.pk
            cursor.executemany(UPDATE, rows)
        cursor.execute("ALTER TABLE audit_accessentry ENABLE TRIGGER access_entry_append_only")
    apps.get_model("audit", "AuditHead").objects.create(pk=2, sequence=sequence, hash=previous)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_entries_have_a_format")]

    operations = [
        migrations.AddField("accessentry", "sequence", models.BigIntegerField("sequence", null=True)),
        migrations.AddField("accessentry", "note", SealedField("note", bound_to="sequence", default=b"")),
        migrations.AddField("accessentry", "previous_hash", models.BinaryField(null=True)),
        migrations.AddField("accessentry", "hash", models.BinaryField(null=True)),
        migrations.RunPython(chain_entries),
        migrations.AlterField("accessentry", "sequence", models.BigIntegerField("sequence", unique=True)),
        migrations.AlterField("accessentry", "note", SealedField("note", bound_to="sequence")),
        migrations.AlterField("accessentry", "previous_hash", models.BinaryField()),
        migrations.AlterField("accessentry", "hash", models.BinaryField(unique=True)),
        migrations.AlterField("accessentry", "purpose", models.CharField("purpose", max_length=20, choices=PURPOSES)),
        migrations.AddConstraint(
            "accessentry",
            models.CheckConstraint(condition=models.Q(purpose__in=CODES), name="access_purpose_is_listed"),
        ),
        migrations.AddConstraint(
            "accessentry",
            models.CheckConstraint(
                condition=~models.Q(purpose="OTHER") | ~models.Q(note=b""),
                name="access_for_another_purpose_has_a_note",
            ),
        ),
    ]

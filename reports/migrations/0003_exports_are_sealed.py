"""Seal the purpose of each export and why it was refused. Files produced before stay as they are until they expire."""

import uuid
from typing import Any

from django.db import migrations, models

import backoffice.core.sealed.fields
from backoffice.core.sealed.sealing import seal, unseal

TEXTS = ("purpose", "refused_reason")


def seal_texts(apps: Any, _schema_editor: Any) -> None:
    """Move each clear text to its sealed column."""
    for row in apps.get_model("reports", "ExportJob").objects.iterator(chunk_size=500):
        row.text_ref = uuid.uuid4()
        for name in TEXTS:
            field = row._meta.get_field(name)
            text = getattr(row, f"{name}_clear")
            setattr(row, name, seal(text=text, place=field.place, bound_to=str(row.text_ref)) if text else None)
        row.save(update_fields=["text_ref", *TEXTS])


def open_texts(apps: Any, _schema_editor: Any) -> None:
    """Write each sealed text back in clear."""
    for row in apps.get_model("reports", "ExportJob").objects.iterator(chunk_size=500):
        for name in TEXTS:
            sealed = row.__dict__[name]
            field = row._meta.get_field(name)
            clear = unseal(sealed=bytes(sealed), place=field.place, bound_to=str(row.text_ref)) if sealed else ""
            setattr(row, f"{name}_clear", clear)
        row.save(update_fields=[f"{name}_clear" for name in TEXTS])


def sealed_text(label: str) -> Any:
    return backoffice.core.sealed.fields.SealedField(
        blank=True, bound_to="text_ref", default=None, null=True, verbose_name=label
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_exports_name_their_approver")]

    operations = [
        migrations.RenameField("exportjob", "purpose", "purpose_clear"),
        migrations.RenameField("exportjob", "refused_reason", "refused_reason_clear"),
        migrations.AlterField("exportjob", "purpose_clear", models.CharField(max_length=200, blank=True, default="")),
        migrations.AlterField(
            "exportjob", "refused_reason_clear", models.CharField(max_length=200, blank=True, default="")
        ),
        migrations.AddField("exportjob", "text_ref", models.UUIDField(editable=False, null=True)),
        migrations.AddField("exportjob", "purpose", sealed_text("purpose")),
        migrations.AddField("exportjob", "refused_reason", sealed_text("refused because")),
        migrations.AddField(
            "exportjob",
            "file_sha256",
            models.CharField(blank=True, max_length=64, verbose_name="file's SHA-256", default=""),
        ),
        migrations.RunPython(seal_texts, open_texts),
        migrations.RemoveField("exportjob", "purpose_clear"),
        migrations.RemoveField("exportjob", "refused_reason_clear"),
        migrations.AlterField("exportjob", "text_ref", models.UUIDField(default=uuid.uuid4, editable=False)),
        migrations.AlterField(
            "exportjob", "file_sha256", models.CharField(blank=True, max_length=64, verbose_name="file's SHA-256")
        ),
        migrations.AlterField("exportjob", "file", models.FileField(blank=True, upload_to="", verbose_name="file")),
    ]

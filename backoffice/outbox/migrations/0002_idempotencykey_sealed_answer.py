import json
from typing import Any

from django.db import migrations, models

import backoffice.core.sealed.fields
from backoffice.core.sealed.sealing import seal

BATCH = 500


def seal_answers(apps: Any, schema_editor: Any) -> None:
    """Seal the answers that were kept in clear, in batches by primary key."""
    rows = apps.get_model("outbox", "IdempotencyKey").objects.using(schema_editor.connection.alias)
    last = 0
    while True:
        batch = list(rows.filter(pk__gt=last).exclude(status=None).order_by("pk")[:BATCH])
        if not batch:
            return
        for row in batch:
            text, binding = json.dumps(row.answer, ensure_ascii=False), f"{row.caller} {row.key}"
            sealed = seal(text=text, place="outbox_idempotencykey.answer", bound_to=binding)
            rows.filter(pk=row.pk).update(sealed_answer=sealed)
        last = batch[-1].pk


class Migration(migrations.Migration):
    """Seal kept answers: they may hold what only the caller may see. Not reversible without opening them again."""

    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="idempotencykey",
            name="sealed_answer",
            field=backoffice.core.sealed.fields.SealedField(blank=True, bound_to="seal_binding", default=""),
        ),
        migrations.RunPython(seal_answers, migrations.RunPython.noop),
        migrations.RemoveField(model_name="idempotencykey", name="answer"),
        migrations.RenameField(model_name="idempotencykey", old_name="sealed_answer", new_name="answer"),
        migrations.AddField(
            model_name="idempotencykey",
            name="record_type",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="record_id",
            field=models.BigIntegerField(null=True),
        ),
    ]

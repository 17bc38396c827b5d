"""
New entries hash the actor's name (format 2); entries that are there keep format 1.

One entry is appended that holds the digest of all their names, so that these cannot be edited unseen either. The way
back drops the column and keeps that entry.
"""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

from backoffice.audit.chain import ENTRY_FORMAT, NAMES_ACTION, NamesDigest, entry_hash


def hash_names(apps: Any, schema_editor: Any) -> None:
    entries = apps.get_model("audit", "AuditEntry").objects
    heads = apps.get_model("audit", "AuditHead").objects
    head = heads.get(pk=1)
    if head.sequence == 0:
        return
    digest = NamesDigest()
    for sequence, name in entries.order_by("sequence").values_list("sequence", "actor_name").iterator():
        digest.add(sequence=sequence, actor_name=name)
    content = {
        "format": ENTRY_FORMAT,
        "sequence": head.sequence + 1,
        "at": timezone.now(),
        "actor_id": None,
        "actor_name": "",
        "action": NAMES_ACTION,
        "subject_type": "audit.auditentry",
        "subject_id": str(head.sequence),
        "body": digest.body(),
        "previous_hash": bytes(head.hash),
    }
    entry = entries.create(**content, hash=entry_hash(**content))
    heads.filter(pk=1).update(sequence=entry.sequence, hash=entry.hash)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AddField(
            "auditentry", "format", models.PositiveSmallIntegerField("format", default=1, editable=False)
        ),
        migrations.AlterField(
            "auditentry", "format", models.PositiveSmallIntegerField("format", default=2, editable=False)
        ),
        migrations.RunPython(hash_names, migrations.RunPython.noop),
    ]

"""Give evidence a state and what its later reading needs; what is there was read when it was received."""

from typing import Any

from django.db import migrations, models
from django.db.models import F

STATES = [("WAITING", "Being read"), ("READ", "Read"), ("UNREADABLE", "Cannot be read")]


def tell_when_read(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("visits", "Evidence").objects.update(read_at=F("received_at"), updated_at=F("received_at"))


class Migration(migrations.Migration):
    dependencies = [("visits", "0007_an_end_reason_is_of_a_closed_list")]

    operations = [
        # Rows that are there become READ; new ones wait.
        migrations.AddField(
            model_name="evidence",
            name="state",
            field=models.CharField(choices=STATES, default="READ", max_length=10, verbose_name="state"),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="state",
            field=models.CharField(choices=STATES, default="WAITING", max_length=10, verbose_name="state"),
        ),
        migrations.AddField(
            model_name="evidence",
            name="device_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="device time"),
        ),
        migrations.AddField(
            model_name="evidence",
            name="mock_location",
            field=models.BooleanField(default=False, verbose_name="mock location"),
        ),
        migrations.AddField(
            model_name="evidence",
            name="read_attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="attempts to read"),
        ),
        migrations.AddField(
            model_name="evidence",
            name="reading_began_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="reading began at"),
        ),
        migrations.AddField(
            model_name="evidence",
            name="read_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="read at"),
        ),
        migrations.AddField(
            model_name="evidence",
            name="updated_at",
            field=models.DateTimeField(null=True, verbose_name="updated at"),
        ),
        migrations.RunPython(tell_when_read, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="evidence",
            name="updated_at",
            field=models.DateTimeField(verbose_name="updated at"),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("read_at__isnull", True), ("state", "WAITING"))
                | models.Q(("read_at__isnull", False), ("state__in", ["READ", "UNREADABLE"])),
                name="evidence_read_at_iff_read",
            ),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(condition=models.Q(("state", "WAITING")), fields=["id"], name="evidence_waiting"),
        ),
    ]

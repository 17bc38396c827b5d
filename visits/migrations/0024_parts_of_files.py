"""Files from the door may arrive in parts."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("visits", "0023_entry_without_consent_is_an_incident")]

    operations = [
        migrations.CreateModel(
            name="EvidencePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="visits.visitreport",
                        verbose_name="report",
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("number", models.PositiveSmallIntegerField(verbose_name="part number")),
                ("count", models.PositiveSmallIntegerField(verbose_name="number of parts")),
                ("part_sha256", models.CharField(max_length=64, verbose_name="part's SHA-256")),
                ("byte_count", models.PositiveIntegerField(verbose_name="bytes")),
                ("file_name", models.CharField(max_length=240, verbose_name="file")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
            ],
            options={
                "verbose_name": "part of a file",
                "verbose_name_plural": "parts of files",
                "indexes": [models.Index(fields=["received_at", "id"], name="parts_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=["report", "sha256", "number"], name="one_part_a_number"),
                    models.CheckConstraint(condition=Q(number__lt=F("count")), name="part_number_within_count"),
                ],
            },
        ),
    ]

"""Give the first phase of a run its plain name: preview. Only names of columns and a word of `phase` change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_contacts_are_read_from_their_index")]

    operations = [
        migrations.RenameField("evaluationrun", "weighed", "preview"),
        migrations.RenameField("evaluationrun", "weighed_at", "previewed_at"),
        migrations.RenameField("evaluationchunk", "is_weighed", "is_previewed"),
        migrations.RenameField("evaluationchunk", "weighed", "preview"),
        migrations.AlterField(
            "evaluationrun", "preview", models.JSONField(blank=True, default=dict, verbose_name="preview")
        ),
        migrations.AlterField(
            "evaluationrun",
            "previewed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="previewed at"),
        ),
        migrations.AlterField(
            "evaluationchunk", "is_previewed", models.BooleanField(default=False, verbose_name="previewed")
        ),
        migrations.AlterField(
            "evaluationchunk", "preview", models.JSONField(blank=True, default=dict, verbose_name="preview")
        ),
        migrations.AlterField(
            "evaluationrun",
            "phase",
            models.CharField(
                choices=[("PREVIEWING", "Previewing"), ("APPLYING", "Applying")],
                default="PREVIEWING",
                max_length=12,
                verbose_name="phase",
            ),
        ),
        migrations.RunSQL(
            "UPDATE cases_evaluationrun SET phase = 'PREVIEWING' WHERE phase = 'WEIGHING'",
            "UPDATE cases_evaluationrun SET phase = 'WEIGHING' WHERE phase = 'PREVIEWING'",
        ),
    ]

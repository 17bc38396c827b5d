"""Remove the columns of free text in clear, and let the database accept only codes as sources of circumstances."""

from django.db import migrations, models

SOURCES = ["CALL", "LETTER", "DOCUMENT", "VISIT", "COMPLAINT", "DECISION", "PUBLIC_NOTICE", "OTHER"]


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0024_seal_free_text"),
    ]

    operations = [
        migrations.RemoveField(model_name="decision", name="approval_note_clear"),
        migrations.RemoveField(model_name="complaint", name="subject_clear"),
        migrations.RemoveField(model_name="complaint", name="answer_clear"),
        migrations.RemoveField(model_name="borrowerflag", name="source_clear"),
        migrations.RemoveField(model_name="rulemute", name="why_clear"),
        migrations.AddConstraint(
            model_name="borrowerflag",
            constraint=models.CheckConstraint(condition=models.Q(source__in=SOURCES), name="flag_source_is_a_code"),
        ),
    ]

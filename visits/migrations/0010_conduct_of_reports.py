"""Reports say what was found in their texts; orders say where the borrower's permission is kept."""

from django.db import migrations, models

import backoffice.core.sealed.fields


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0009_borrowers_ask_for_visits"),
    ]

    operations = [
        migrations.AddField(
            model_name="visitorder",
            name="permission_ref",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=80, verbose_name="borrower's permission"
            ),
        ),
        migrations.AddField(
            model_name="visitreport",
            name="marked_texts",
            field=backoffice.core.sealed.fields.SealedField(
                blank=True, bound_to="external_ref", default="", verbose_name="texts as written"
            ),
        ),
        migrations.AddField(
            model_name="visitreport",
            name="text_marks",
            field=models.JSONField(db_default={}, default=dict, verbose_name="found in the texts"),
        ),
    ]

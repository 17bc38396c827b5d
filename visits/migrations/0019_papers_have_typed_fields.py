from django.db import migrations, models

import backoffice.core.sealed.fields


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0018_phones_with_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="documentseen",
            name="computed",
            field=models.JSONField(db_default=[], default=list, verbose_name="checked by the rules"),
        ),
        migrations.AddField(
            model_name="documentseen",
            name="computed_at_review",
            field=models.JSONField(blank=True, default=None, null=True, verbose_name="checked by the rules at review"),
        ),
        migrations.AddField(
            model_name="documentseen",
            name="fields",
            field=backoffice.core.sealed.fields.SealedField(
                blank=True, bound_to="fields_ref", default=None, null=True, verbose_name="read from the paper"
            ),
        ),
        migrations.AddField(
            model_name="documentseen",
            name="fields_ref",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
    ]

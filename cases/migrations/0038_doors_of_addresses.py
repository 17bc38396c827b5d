from django.db import migrations, models

import backoffice.core.sealed.fields


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0037_holidays_are_entered"),
    ]

    operations = [
        migrations.AddField(
            model_name="address",
            name="door_index",
            field=backoffice.core.sealed.fields.BlindIndexField(
                db_default=b"", default=b"", editable=False, kind="door", of="line"
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(fields=["door_index"], name="address_by_door"),
        ),
    ]

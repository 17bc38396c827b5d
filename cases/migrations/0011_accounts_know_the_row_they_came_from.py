from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_facts_know_signals_circumstances_and_prices"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="source_digest",
            field=models.BinaryField(db_default=b"", default=b"", editable=False),
        ),
    ]

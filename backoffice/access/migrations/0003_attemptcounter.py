from django.db import migrations, models


class Migration(migrations.Migration):
    """Counters of attempts by address. Unlogged: they are written at each attempt, and a crash may empty them."""

    dependencies = [("access", "0002_user_scopes")]

    operations = [
        migrations.CreateModel(
            name="AttemptCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("caller", models.BinaryField(max_length=16)),
                ("window_start", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("caller", "window_start"), name="one_counter_per_window")
                ],
                "indexes": [models.Index(fields=["window_start"], name="attempts_by_window")],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE access_attemptcounter SET UNLOGGED", "ALTER TABLE access_attemptcounter SET LOGGED"
        ),
    ]

"""Files that the findings of a report do not allow at all are kept locked away for a time."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("visits", "0024_parts_of_files")]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="state",
            field=models.CharField(
                choices=[
                    ("WAITING", "Being read"),
                    ("READ", "Read"),
                    ("UNREADABLE", "Cannot be read"),
                    ("LOCKED", "Locked away"),
                ],
                default="WAITING",
                max_length=10,
                verbose_name="state",
            ),
        ),
        # A paper of a letter's answer has the same words; none of them is ever locked away.
        migrations.AlterField(
            model_name="letteranswer",
            name="paper_state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("WAITING", "Being read"),
                    ("READ", "Read"),
                    ("UNREADABLE", "Cannot be read"),
                    ("LOCKED", "Locked away"),
                ],
                max_length=10,
                verbose_name="state of the paper",
            ),
        ),
        migrations.RemoveConstraint(model_name="evidence", name="evidence_read_at_iff_read"),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=Q(state="WAITING", read_at__isnull=True)
                | Q(state__in=["READ", "UNREADABLE", "LOCKED"], read_at__isnull=False),
                name="evidence_read_at_iff_read",
            ),
        ),
    ]

"""
Let the database refuse an answer to a complaint by the person who received it.

Rows from before are not checked (NOT VALID): an installation may hold complaints that one person received and answered,
and they stay as the record of what happened.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0025_remove_clear_free_text"),
    ]

    operations = [
        AddConstraintNotValid(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(received_by__isnull=True) | ~Q(answered_by=F("received_by")),
                name="complaint_answered_by_another",
            ),
        ),
    ]

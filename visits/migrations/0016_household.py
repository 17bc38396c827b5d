"""
Orders of one door are visited together: each planned order belongs to a household visit.

The database compares pair and beginning of an order with those of its household visit: a foreign key over four columns,
which Django's models cannot say. Orders that are planned already get a household visit of their own, so that others of
their door can join it.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CARRY_OVER = """
UPDATE visits_visitorder SET household_id = gen_random_uuid()
WHERE state IN ('SCHEDULED', 'ACCEPTED') AND lead_id IS NOT NULL AND second_id IS NOT NULL AND planned_arrival_at IS NOT NULL;
INSERT INTO visits_householdvisit (id, lead_id, second_id, starts_at)
SELECT household_id, lead_id, second_id, planned_arrival_at FROM visits_visitorder WHERE household_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED
"""
# Deferred: a plan may write its orders before their household visits.
KEEP_TOGETHER = """
ALTER TABLE visits_visitorder ADD CONSTRAINT visit_goes_with_its_household
FOREIGN KEY (household_id, lead_id, second_id, planned_arrival_at)
REFERENCES visits_householdvisit (id, lead_id, second_id, starts_at) DEFERRABLE INITIALLY DEFERRED
"""
LET_APART = "ALTER TABLE visits_visitorder DROP CONSTRAINT visit_goes_with_its_household"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0044_addresses_are_placed_by_hand"),
        ("visits", "0015_days_are_planned_by_a_worker"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseholdVisit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="reference",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="begins at")),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="visits.crewmember",
                        verbose_name="lead",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="visits.crewmember",
                        verbose_name="companion",
                    ),
                ),
            ],
            options={
                "verbose_name": "household visit",
                "verbose_name_plural": "household visits",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("id", "lead", "second", "starts_at"), name="household_visit_as_referred_to"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="visitorder",
            name="household",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="visits.householdvisit",
                verbose_name="household visit",
            ),
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP_TOGETHER, LET_APART),
        migrations.AddConstraint(
            model_name="visitorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("household__isnull", True),
                    models.Q(("lead__isnull", False), ("planned_arrival_at__isnull", False), ("second__isnull", False)),
                    _connector="OR",
                ),
                name="visit_of_household_is_planned",
            ),
        ),
    ]

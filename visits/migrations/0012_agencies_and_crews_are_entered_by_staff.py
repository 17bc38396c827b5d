"""
Agencies, their papers and prices, and crew members are entered by one person and confirmed by another.

Crew members of before await confirmation: nobody has confirmed them. The day of their exam follows from the validity that
was typed. Prices of before go on counting, except shares of recovery above 50 %, which nobody may agree.
"""

from datetime import timedelta
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

import backoffice.core.sealed.fields

# How long an exam counted when the validity was typed.
TRAINING_VALID = timedelta(days=365)


def carry_over(apps: Any, schema_editor: Any) -> None:
    members = apps.get_model("visits", "CrewMember").objects
    members.update(updated_at=F("created_at"), exam_passed_on=F("trained_until") - TRAINING_VALID)
    members.filter(screened_on__isnull=False).update(screening="CLEAR")
    members.filter(is_active=False).update(state="INACTIVE")
    prices = apps.get_model("visits", "PriceCard").objects
    made_at = apps.get_model("visits", "Agency").objects.filter(pk=models.OuterRef("agency")).values("created_at")
    prices.update(created_at=models.Subquery(made_at), updated_at=models.Subquery(made_at))
    prices.filter(basis="RECOVERY_SHARE", amount__gt=50).update(state="WITHDRAWN")
    check_references(schema_editor)


def carry_back(apps: Any, schema_editor: Any) -> None:
    members = apps.get_model("visits", "CrewMember").objects
    members.update(trained_until=F("exam_passed_on") + TRAINING_VALID)
    members.filter(state="INACTIVE").update(is_active=False)
    check_references(schema_editor)


def check_references(schema_editor: Any) -> None:
    """Check foreign keys now: PostgreSQL alters no table with checks that wait for the end of the transaction."""
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0011_what_the_sweep_passed_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AgencyCredential",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("BUSINESS_LICENCE", "Business licence"),
                            ("LIABILITY_INSURANCE", "Liability insurance"),
                            ("ISO_27001", "ISO 27001 certificate"),
                            ("MLPS_3", "MLPS level 3 filing"),
                            ("CLEAN_LITIGATION", "Litigation record"),
                            ("OTHER", "Other paper"),
                        ],
                        max_length=25,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="number")),
                ("issuer", models.CharField(max_length=80, verbose_name="issuer")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_until", models.DateField(verbose_name="valid until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ENTERED", "Awaits confirmation"),
                            ("CONFIRMED", "Confirmed"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="ENTERED",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("file_name", models.CharField(blank=True, max_length=120, verbose_name="file")),
                ("file_sha256", models.CharField(blank=True, max_length=64, verbose_name="file's SHA-256")),
                ("media_type", models.CharField(blank=True, max_length=40, verbose_name="media type")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
            ],
            options={
                "verbose_name": "agency's paper",
                "verbose_name_plural": "agencies' papers",
                "permissions": [
                    ("confirm_agencycredential", "Can confirm a paper of an agency that another person entered")
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractRenewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_day", models.DateField(verbose_name="contract ended on")),
                ("until", models.DateField(verbose_name="contract shall end on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ENTERED", "Awaits confirmation"),
                            ("CONFIRMED", "Confirmed"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="ENTERED",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
            ],
            options={
                "verbose_name": "renewal of a contract",
                "verbose_name_plural": "renewals of contracts",
            },
        ),
        migrations.CreateModel(
            name="CrewDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=60, verbose_name="device")),
                ("device_ref", models.CharField(max_length=80, verbose_name="device reference")),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
            ],
            options={
                "verbose_name": "device",
                "verbose_name_plural": "devices",
            },
        ),
        migrations.AlterModelOptions(
            name="crewmember",
            options={
                "permissions": [("confirm_crewmember", "Can confirm a crew member whom another person entered")],
                "verbose_name": "crew member",
                "verbose_name_plural": "crew members",
            },
        ),
        migrations.AlterModelOptions(
            name="pricecard",
            options={
                "permissions": [("confirm_pricecard", "Can confirm a price that another person entered")],
                "verbose_name": "price",
                "verbose_name_plural": "price card",
            },
        ),
        migrations.AddField(
            model_name="agency",
            name="admitted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="admitted by",
            ),
        ),
        migrations.AddField(
            model_name="agency",
            name="contract_number",
            field=models.CharField(blank=True, max_length=60, verbose_name="contract number"),
        ),
        migrations.AddField(
            model_name="agency",
            name="contract_starts_on",
            field=models.DateField(blank=True, null=True, verbose_name="contract begins on"),
        ),
        migrations.AddField(
            model_name="agency",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="agency",
            name="founded_on",
            field=models.DateField(blank=True, null=True, verbose_name="founded on"),
        ),
        migrations.AddField(
            model_name="agency",
            name="papers_until",
            field=models.DateField(blank=True, null=True, verbose_name="papers valid until"),
        ),
        migrations.AddField(
            model_name="agency",
            name="registered_capital",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=16, null=True, verbose_name="registered capital in RMB"
            ),
        ),
        migrations.AddField(
            model_name="agency",
            name="staff_count",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="number of staff"),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="confirmed at"),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmed by",
            ),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="exam_passed_on",
            field=models.DateField(blank=True, null=True, verbose_name="exam passed on"),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="photo_name",
            field=models.CharField(blank=True, max_length=120, verbose_name="photograph"),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="photo_sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="photograph's SHA-256"),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="screening",
            field=models.CharField(
                blank=True,
                choices=[("CLEAR", "Nothing found"), ("CONCERNS", "Concerns found")],
                max_length=10,
                verbose_name="outcome of screening",
            ),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="state",
            field=models.CharField(
                choices=[("ENTERED", "Awaits confirmation"), ("CONFIRMED", "Confirmed"), ("INACTIVE", "Inactive")],
                default="ENTERED",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="state_note",
            field=backoffice.core.sealed.fields.SealedField(
                blank=True, bound_to="pk", default=None, null=True, verbose_name="note on the state"
            ),
        ),
        migrations.AddField(
            model_name="crewmember",
            name="updated_at",
            field=models.DateTimeField(null=True, verbose_name="updated at"),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmed by",
            ),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="created_at",
            field=models.DateTimeField(null=True, verbose_name="created at"),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="state",
            field=models.CharField(
                choices=[("ENTERED", "Awaits confirmation"), ("CONFIRMED", "Confirmed"), ("WITHDRAWN", "Withdrawn")],
                default="CONFIRMED",
                max_length=10,
                verbose_name="state",
            ),
        ),
        # Rows that are there count; new ones wait.
        migrations.AlterField(
            model_name="pricecard",
            name="state",
            field=models.CharField(
                choices=[("ENTERED", "Awaits confirmation"), ("CONFIRMED", "Confirmed"), ("WITHDRAWN", "Withdrawn")],
                default="ENTERED",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="updated_at",
            field=models.DateTimeField(null=True, verbose_name="updated at"),
        ),
        migrations.RunPython(carry_over, carry_back),
        migrations.RemoveField(
            model_name="crewmember",
            name="is_active",
        ),
        migrations.RemoveField(
            model_name="crewmember",
            name="trained_until",
        ),
        migrations.AlterField(
            model_name="crewmember",
            name="updated_at",
            field=models.DateTimeField(verbose_name="updated at"),
        ),
        migrations.AlterField(
            model_name="pricecard",
            name="created_at",
            field=models.DateTimeField(verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="pricecard",
            name="updated_at",
            field=models.DateTimeField(verbose_name="updated at"),
        ),
        migrations.AddConstraint(
            model_name="agency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("admitted_by__isnull", True),
                    models.Q(
                        ("entered_by__isnull", False), models.Q(("admitted_by", models.F("entered_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="agency_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="agency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contract_starts_on__isnull", True),
                    ("contract_ends_on__gt", models.F("contract_starts_on")),
                    _connector="OR",
                ),
                name="agency_contract_is_a_span",
            ),
        ),
        migrations.AddConstraint(
            model_name="crewmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(
                        ("entered_by__isnull", False), models.Q(("confirmed_by", models.F("entered_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="crew_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="crewmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False), ("state", "CONFIRMED")),
                    models.Q(
                        models.Q(("state", "CONFIRMED"), _negated=True),
                        ("confirmed_at__isnull", True),
                        ("confirmed_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="crew_confirmed_iff_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(
                        ("entered_by__isnull", False), models.Q(("confirmed_by", models.F("entered_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="price_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "RECOVERY_SHARE"), _negated=True),
                    ("state", "WITHDRAWN"),
                    ("amount__lte", 50),
                    _connector="OR",
                ),
                name="recovery_share_to_half",
            ),
        ),
        migrations.AddField(
            model_name="agencycredential",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credentials",
                to="visits.agency",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="agencycredential",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmed by",
            ),
        ),
        migrations.AddField(
            model_name="agencycredential",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="contractrenewal",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="visits.agency",
                verbose_name="agency",
            ),
        ),
        migrations.AddField(
            model_name="contractrenewal",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="granted by",
            ),
        ),
        migrations.AddField(
            model_name="contractrenewal",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AddField(
            model_name="crewdevice",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="devices",
                to="visits.crewmember",
                verbose_name="crew member",
            ),
        ),
        migrations.AddConstraint(
            model_name="agencycredential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(
                        ("entered_by__isnull", False), models.Q(("confirmed_by", models.F("entered_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="credential_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="agencycredential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "CONFIRMED"), _negated=True), ("confirmed_by__isnull", False), _connector="OR"
                ),
                name="credential_was_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="agencycredential",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gte", models.F("valid_from"))), name="credential_validity_is_a_span"
            ),
        ),
        migrations.AddConstraint(
            model_name="contractrenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(
                        ("entered_by__isnull", False), models.Q(("confirmed_by", models.F("entered_by")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="renewal_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractrenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "CONFIRMED"), _negated=True), ("confirmed_by__isnull", False), _connector="OR"
                ),
                name="renewal_was_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractrenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("from_day"))), name="renewal_prolongs"
            ),
        ),
        migrations.AddConstraint(
            model_name="contractrenewal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ENTERED")), fields=("agency",), name="one_open_renewal_an_agency"
            ),
        ),
        migrations.AddConstraint(
            model_name="crewdevice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("device_ref",),
                name="a_device_is_registered_once",
            ),
        ),
    ]

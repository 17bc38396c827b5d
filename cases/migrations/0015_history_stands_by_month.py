"""
Facts, ended hits and contacts stand by month, so that a month that nobody needs any more is dropped, not deleted row by row.

There is no way back: the months that were dropped meanwhile could not be brought back either.
"""

from datetime import date
from typing import Any

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from backoffice.core.partitions import MonthlyTable, divide, ensure_months

# Created here; cases/services/evaluation/history.py creates the months that follow.
FIRST_MONTH, LAST_MONTH = date(2025, 7, 1), date(2027, 6, 1)
_BORROWER = "borrower_id REFERENCES cases_borrower (id)"


def by_month(apps: Any, schema_editor: Any) -> None:
    facts = MonthlyTable(table="cases_accountfacts", column="business_date", rest="cases_accountfacts_rest")
    hits = MonthlyTable(table="cases_triggerhit", column="left_on", rest="cases_triggerhit_open")
    contacts = MonthlyTable(table="cases_contactattempt", column="attempted_at", rest="cases_contactattempt_rest")
    divide(
        facts,
        indexes={
            "one_facts_row_a_day": "UNIQUE (account_id, business_date)",
            "facts_by_day": "(business_date, borrower_id)",
            "facts_by_id": "USING brin (id)",
        },
        of_rest={},
        foreign_keys={},
    )
    divide(
        hits,
        indexes={
            "hit_by_borrower": "(borrower_id)",
            "hit_by_entry": "(rule, entered_on)",
            "hit_by_exit": "(left_on) WHERE left_on IS NOT NULL",
            "hit_by_id": "USING brin (id)",
        },
        of_rest={"one_open_hit_a_rule": "UNIQUE (account_id, rule) WHERE left_on IS NULL"},
        foreign_keys={
            "hit_account": "account_id REFERENCES cases_account (id)",
            "hit_borrower": _BORROWER,
            "hit_policy_version": "policy_version_id REFERENCES cases_policyversion (id)",
        },
    )
    divide(
        contacts,
        indexes={
            "one_attempt_a_reference": "UNIQUE (external_ref, attempted_at)",
            "contact_by_borrower": "(borrower_id, attempted_at)",
            "contact_by_day": "(attempted_at, channel)",
            "contact_by_id": "USING brin (id)",
        },
        of_rest={},
        foreign_keys={"contact_borrower": _BORROWER},
    )
    for table in (facts, hits, contacts):
        ensure_months(table, first=FIRST_MONTH, last=LAST_MONTH)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_intake_knows_snapshots_uploads_and_differences"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("FACTS", "Facts of accounts"),
                            ("HITS", "Reasons that ended"),
                            ("CONTACTS", "Contact attempts"),
                        ],
                        max_length=10,
                        unique=True,
                        verbose_name="kind",
                    ),
                ),
                ("months", models.PositiveSmallIntegerField(verbose_name="months kept")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
            ],
            options={
                "verbose_name": "retention rule",
                "verbose_name_plural": "retention rules",
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(by_month)],
            state_operations=[
                migrations.AlterField(
                    model_name="accountfacts",
                    name="account",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="facts",
                        to="cases.account",
                        verbose_name="account",
                    ),
                ),
                migrations.AlterField(
                    model_name="accountfacts",
                    name="borrower",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.borrower",
                        verbose_name="borrower",
                    ),
                ),
                migrations.AlterField(
                    model_name="contactattempt",
                    name="borrower",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_attempts",
                        to="cases.borrower",
                        verbose_name="borrower",
                    ),
                ),
                migrations.AlterField(
                    model_name="contactattempt",
                    name="external_ref",
                    field=models.CharField(max_length=80, verbose_name="reference"),
                ),
                migrations.AddIndex(
                    model_name="accountfacts",
                    index=django.contrib.postgres.indexes.BrinIndex(fields=["id"], name="facts_by_id"),
                ),
                migrations.AddIndex(
                    model_name="contactattempt",
                    index=django.contrib.postgres.indexes.BrinIndex(fields=["id"], name="contact_by_id"),
                ),
                migrations.AddIndex(
                    model_name="triggerhit",
                    index=django.contrib.postgres.indexes.BrinIndex(fields=["id"], name="hit_by_id"),
                ),
                migrations.AddConstraint(
                    model_name="contactattempt",
                    constraint=models.UniqueConstraint(
                        fields=("external_ref", "attempted_at"), name="one_attempt_a_reference"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="retentionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__gte", 4)), name="retention_covers_the_windows"
            ),
        ),
    ]

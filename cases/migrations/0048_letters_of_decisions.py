"""Letters to borrowers about decisions, and the reports of how they reached them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What a letter says never changes; only how far it has come.
REFUSE = """
CREATE FUNCTION decision_letter_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.decision_id, NEW.kind, NEW.happened_on, NEW.facts, NEW.digest, NEW.created_at)
        IS DISTINCT FROM (OLD.decision_id, OLD.kind, OLD.happened_on, OLD.facts, OLD.digest, OLD.created_at) THEN
        RAISE EXCEPTION 'a letter about a decision does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_letter_is_final BEFORE UPDATE ON cases_decisionletter
    FOR EACH ROW EXECUTE FUNCTION decision_letter_is_final();
"""

ALLOW = """
DROP TRIGGER decision_letter_is_final ON cases_decisionletter;
DROP FUNCTION decision_letter_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0047_decisions_take_one_or_two_approvals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("GRANTED", "Something is given"),
                            ("TAKEN", "Something is taken"),
                            ("SUSPENDED", "A reward is suspended"),
                            ("RESUMED", "A suspended reward counts again"),
                            ("LIFTED", "Ended early"),
                            ("ENDED", "Its time is over"),
                            ("REVERSED", "Taken back"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Not delivered yet"),
                            ("RETURNED", "Came back"),
                            ("DELIVERED", "Delivered"),
                            ("OPENED", "Opened"),
                        ],
                        default="WAITING",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="happened on")),
                ("facts", models.JSONField(verbose_name="facts")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="cases.decision",
                        verbose_name="decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter about a decision",
                "verbose_name_plural": "letters about decisions",
            },
        ),
        migrations.CreateModel(
            name="LetterDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.CharField(
                        choices=[("DELIVERED", "Delivered"), ("OPENED", "Opened"), ("RETURNED", "Came back")],
                        max_length=12,
                        verbose_name="report",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("APP", "App"),
                            ("SMS", "SMS"),
                            ("EMAIL", "E-mail"),
                            ("POST", "Post"),
                            ("BY_HAND", "By hand"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                ("happened_at", models.DateTimeField(verbose_name="happened at")),
                ("created_at", models.DateTimeField(verbose_name="reported at")),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="cases.decisionletter",
                        verbose_name="letter",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
            ],
            options={
                "verbose_name": "report about a letter",
                "verbose_name_plural": "reports about letters",
            },
        ),
        migrations.AddIndex(
            model_name="decisionletter",
            index=models.Index(
                condition=models.Q(("state__in", ["WAITING", "RETURNED"])),
                fields=["happened_on", "id"],
                name="letter_undelivered",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionletter",
            constraint=models.UniqueConstraint(
                fields=("decision", "kind", "happened_on"), name="one_letter_of_a_kind_and_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="letterdelivery",
            constraint=models.UniqueConstraint(
                fields=("letter", "report", "channel", "happened_at"), name="one_report_of_an_instant"
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]

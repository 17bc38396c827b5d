"""Circumstances of special care, holidays by jurisdiction and territory, and contacts kept for five years."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TEXT = """
CREATE OR REPLACE FUNCTION holiday_notice_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.year <> OLD.year OR NEW.source <> OLD.source OR NEW.breaks <> OLD.breaks
        OR NEW.make_up_days <> OLD.make_up_days OR NEW.made_by_id <> OLD.made_by_id {more}THEN
        RAISE EXCEPTION 'a notice of holidays does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
# Whose holidays a notice gives does not change either.
PLACE = "OR NEW.jurisdiction <> OLD.jurisdiction OR NEW.territory_id IS DISTINCT FROM OLD.territory_id "
# A shorter rule would lose records of collection that must be kept.
LENGTHEN = "UPDATE cases_retentionrule SET months = 60 WHERE kind = 'CONTACTS' AND months < 60"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_territory_jurisdiction"),
        ("cases", "0040_contact_permits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="holidaynotice",
            name="one_holiday_notice_in_use_a_year",
        ),
        migrations.AddField(
            model_name="holidaynotice",
            name="jurisdiction",
            field=models.CharField(
                choices=[
                    ("CN", "Mainland China"),
                    ("UK", "United Kingdom"),
                    ("US", "United States"),
                    ("AU", "Australia"),
                    ("IN", "India"),
                ],
                db_default="CN",
                default="CN",
                max_length=2,
                verbose_name="rules of contact",
            ),
        ),
        migrations.AddField(
            model_name="holidaynotice",
            name="territory",
            field=models.ForeignKey(
                blank=True,
                help_text="Only for regional holidays: they are added to those of the whole jurisdiction.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.territory",
                verbose_name="territory",
            ),
        ),
        migrations.AlterField(
            model_name="borrowerflag",
            name="kind",
            field=models.CharField(
                choices=[
                    ("VULNERABLE", "Special care"),
                    ("HARDSHIP", "Hardship"),
                    ("BEREAVED", "Bereaved"),
                    ("DECEASED", "Deceased"),
                    ("REPRESENTED", "Has a representative"),
                    ("DISPUTED", "Debt disputed"),
                    ("COMPLAINT", "Complaint open"),
                    ("CEASE", "Collection ceased"),
                    ("DISASTER", "Disaster"),
                    ("HOSPITAL", "In hospital"),
                    ("DETAINED", "Detained"),
                    ("FRAUD_CLAIM", "Says the loan is not theirs"),
                    ("OPTED_OUT_OF_VISITS", "Declined visits"),
                    ("ILLNESS", "Illness"),
                    ("CHILDBIRTH", "Pregnancy or childbirth"),
                    ("DISABLED", "Disabled"),
                    ("AGED", "Aged 70 or over"),
                    ("SELF_HARM", "Spoke of self-harm"),
                    ("OCCASION", "Marriage or religious festival"),
                ],
                max_length=30,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="holidaynotice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "CONFIRMED")),
                fields=("year", "jurisdiction", "territory"),
                name="one_holiday_notice_in_use_a_year",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(TEXT.format(more=PLACE), TEXT.format(more="")),
        migrations.RunSQL(LENGTHEN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="retentionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "CONTACTS"), _negated=True), ("months__gte", 60), _connector="OR"),
                name="contacts_are_kept_five_years",
                violation_error_message="Contact attempts are kept for at least 60 months.",
            ),
        ),
    ]

"""Staff enter the notices of national holidays; what a notice says never changes."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Another text is another notice, which another person confirms.
REFUSE = """
CREATE FUNCTION holiday_notice_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.year <> OLD.year OR NEW.source <> OLD.source OR NEW.breaks <> OLD.breaks
        OR NEW.make_up_days <> OLD.make_up_days OR NEW.made_by_id <> OLD.made_by_id THEN
        RAISE EXCEPTION 'a notice of holidays does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER holiday_notice_is_final BEFORE UPDATE ON cases_holidaynotice
    FOR EACH ROW EXECUTE FUNCTION holiday_notice_is_final();
"""

ALLOW = """
DROP TRIGGER holiday_notice_is_final ON cases_holidaynotice;
DROP FUNCTION holiday_notice_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0036_profile_sets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HolidayNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("breaks", models.JSONField(verbose_name="breaks")),
                (
                    "make_up_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="make-up working days",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Awaits confirmation"), ("CONFIRMED", "In use"), ("RETIRED", "Retired")],
                        default="DRAFT",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "holidays of a year",
                "verbose_name_plural": "holidays",
                "permissions": [
                    ("confirm_holidaynotice", "Can confirm a notice of holidays that another person entered")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 2004), ("year__lte", 2100)), name="holiday_notice_of_a_year"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "CONFIRMED")),
                        fields=("year",),
                        name="one_holiday_notice_in_use_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("made_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="holiday_notice_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="holiday_notice_confirmed_at_iff_confirmed_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "CONFIRMED"), _negated=True),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="holiday_notice_in_use_is_confirmed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]

"""Notices of national holidays that staff enter, with four eyes."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Jurisdiction, Territory
from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import NoticeState


class HolidayNoticeQuerySet(ReferenceQuerySet["HolidayNotice"]):
    pass


class HolidayNotice(models.Model):
    """
    The notice of one year's holidays of a jurisdiction, in China the State Council's, as entered. What it says never
    changes: a trigger refuses it. With a territory it adds regional holidays there.

    Who enters and who confirms are different people; a year has at most one notice in use for each. `breaks` are
    [{"holiday": NationalHoliday, "first": day, "last": day}], as `rules/holiday_notice.py` writes them.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    jurisdiction = models.CharField(
        _("rules of contact"),
        max_length=2,
        choices=Jurisdiction.choices,
        default=Jurisdiction.CHINA,
        db_default=Jurisdiction.CHINA.value,
    )
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        verbose_name=_("territory"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Only for regional holidays: they are added to those of the whole jurisdiction."),
    )
    source = models.CharField(_("source"), max_length=300)
    breaks = models.JSONField(_("breaks"))
    make_up_days = ArrayField(models.DateField(), verbose_name=_("make-up working days"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=NoticeState.choices, default=NoticeState.DRAFT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = HolidayNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("holidays of a year")
        verbose_name_plural = _("holidays")
        permissions = [("confirm_holidaynotice", "Can confirm a notice of holidays that another person entered")]
        constraints = [
            models.CheckConstraint(condition=Q(year__gte=2004, year__lte=2100), name="holiday_notice_of_a_year"),
            models.UniqueConstraint(
                fields=["year", "jurisdiction", "territory"],
                condition=Q(state=NoticeState.CONFIRMED),
                nulls_distinct=False,
                name="one_holiday_notice_in_use_a_year",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("made_by")), name="holiday_notice_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="holiday_notice_confirmed_at_iff_confirmed_by",
            ),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.CONFIRMED) | Q(confirmed_by__isnull=False),
                name="holiday_notice_in_use_is_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} ({self.pk})"

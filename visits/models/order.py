"""Placements of cases with agencies, and the visit orders that go to doors."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.reach import Reach
from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.models import Address, Case
from visits.enums import EndReason, FileProblem, PlacementState, VisitPurpose, VisitState
from visits.models.agency import Agency
from visits.models.crew import CrewMember
from visits.models.household import HouseholdVisit

# An agency's people see an order only while its placement is theirs: recall ends access at once.
LIVE_PLACEMENTS = [PlacementState.ACTIVE.value, PlacementState.RETAINED.value]
# A case has at most one visit order in any other state.
ENDED_VISITS = [
    VisitState.VERIFIED.value,
    VisitState.CANCELLED.value,
    VisitState.ABORTED.value,
    VisitState.EXPIRED.value,
]
# An order that nobody approved is in one of these.
UNAPPROVED = [VisitState.DRAFT.value, VisitState.CANCELLED.value, VisitState.EXPIRED.value]
# An order in one of these has crew, window and letter.
GOING_OUT = [
    VisitState.ACCEPTED.value,
    VisitState.EN_ROUTE.value,
    VisitState.CHECKED_IN.value,
    VisitState.REPORTED.value,
    VisitState.UNDER_REVIEW.value,
    VisitState.SECOND_REVIEW.value,
    VisitState.VERIFIED.value,
]


class PlacementQuerySet(ScopedQuerySet["Placement"]):
    territory_path = "case__territory"

    def scope_for(self, user: Any) -> Q:
        if user.reach == Reach.AGENCY:
            return Q(agency__coordinators=user, state__in=LIVE_PLACEMENTS)
        return super().scope_for(user)


class OfVisitQuerySet(ScopedQuerySet[Any]):
    """Rows of a visit. `order_path` leads from the row to its visit order."""

    order_path = ""

    def scope_for(self, user: Any) -> Q:
        to = f"{self.order_path}__" if self.order_path else ""
        live = {f"{to}placement__state__in": LIVE_PLACEMENTS}
        if user.reach == Reach.AGENCY:
            return Q(**{f"{to}placement__agency__coordinators": user}, **live)
        if user.reach == Reach.CREW:
            lead, second = f"{to}lead__user", f"{to}second__user"
            return (Q(**{lead: user}) | Q(**{second: user})) & Q(**live)
        return super().scope_for(user)


class VisitOrderQuerySet(OfVisitQuerySet):
    territory_path = "case__territory"


class Placement(models.Model):
    """One case placed with one agency. One live placement a case (one debt, one agency)."""

    case = models.ForeignKey(Case, models.PROTECT, verbose_name=_("case"), related_name="placements")
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="placements")
    state = models.CharField(_("state"), max_length=10, choices=PlacementState.choices, default=PlacementState.ACTIVE)
    placed_on = models.DateField(_("placed on"))
    term_ends_on = models.DateField(_("term ends on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("ended because"), max_length=20, choices=EndReason.choices, blank=True)
    # What a person wrote when they ended it.
    end_note = SealedField(_("note on the end"), bound_to="pk", null=True, default=None)
    # The agency's certificate that data were returned or deleted, due 15 days after the end.
    certificate_due_on = models.DateField(_("certificate due on"), null=True, blank=True)
    certificate_ref = models.CharField(_("certificate of return or deletion"), max_length=80, blank=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("placed by"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=LIVE_PLACEMENTS), name="one_live_placement_a_case"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_PLACEMENTS, ended_on__isnull=True)
                | (~Q(state__in=LIVE_PLACEMENTS) & Q(ended_on__isnull=False)),
                name="placement_ended_on_iff_ended",
            ),
            models.CheckConstraint(condition=Q(term_ends_on__gt=F("placed_on")), name="placement_has_a_term"),
            models.CheckConstraint(condition=Q(end_reason__in=["", *EndReason.values]), name="placement_end_is_listed"),
        ]
        indexes = [models.Index(fields=["agency", "state", "id"], name="placement_worklist")]

    def __str__(self) -> str:
        return f"W{self.pk:07d}" if self.pk else "W"


class VisitOrder(models.Model):
    """
    One visit to one address: purposes, lawful window, a pair of crew, and the letter that proves the mandate.

    Instants are UTC; the window was checked in the address's local time when it was set, and is checked
    again at dispatch and at the knock.
    """

    case = models.ForeignKey(Case, models.PROTECT, verbose_name=_("case"), related_name="visit_orders")
    placement = models.ForeignKey(
        Placement, models.PROTECT, verbose_name=_("placement"), null=True, blank=True, related_name="orders"
    )
    address = models.ForeignKey(Address, models.PROTECT, verbose_name=_("address"), related_name="+")
    state = models.CharField(_("state"), max_length=15, choices=VisitState.choices, default=VisitState.DRAFT)
    purposes = ArrayField(models.CharField(max_length=20, choices=VisitPurpose.choices), verbose_name=_("purposes"))
    ordinal = models.PositiveSmallIntegerField(_("visit number"), default=1)
    reason = models.CharField(_("why a visit"), max_length=300, blank=True)
    # The recording or letter in which the borrower asked for the visit; empty where they did not.
    borrower_request_ref = models.CharField(_("record of the borrower's wish"), max_length=80, blank=True, default="")
    # Where it is kept that the borrower permitted this visit: a recording or a message.
    permission_ref = models.CharField(_("borrower's permission"), max_length=80, blank=True, default="", db_default="")
    window_start = models.DateTimeField(_("from"), null=True, blank=True)
    window_end = models.DateTimeField(_("to"), null=True, blank=True)
    planned_arrival_at = models.DateTimeField(_("planned arrival"), null=True, blank=True)
    route_position = models.PositiveSmallIntegerField(_("stop"), null=True, blank=True)
    lead = models.ForeignKey(
        CrewMember, models.PROTECT, verbose_name=_("lead"), null=True, blank=True, related_name="led_orders"
    )
    second = models.ForeignKey(
        CrewMember,
        models.PROTECT,
        verbose_name=_("companion"),
        null=True,
        blank=True,
        related_name="accompanied_orders",
    )
    # The stop at which the visit is made, with those of others of the door; set with the plan, empty without one. Its
    # constraint in the database compares pair and beginning too, so it is made by a migration.
    household = models.ForeignKey(
        HouseholdVisit,
        models.PROTECT,
        verbose_name=_("household visit"),
        null=True,
        blank=True,
        related_name="orders",
        db_constraint=False,
    )
    notice_sent_at = models.DateTimeField(_("notice sent at"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"))
    # Unguessable; the QR code of the letter leads to /v/<code>.
    letter_code = models.CharField(_("letter code"), max_length=32, unique=True, null=True, blank=True)
    letter_file = models.FileField(_("letter"), upload_to="letters/%Y/%m", blank=True)
    letter_sha256 = models.CharField(_("letter's SHA-256"), max_length=64, blank=True)
    letter_issued_at = models.DateTimeField(_("letter issued at"), null=True, blank=True)
    # When the stored letter was last compared with its SHA-256, and what was found.
    letter_checked_at = models.DateTimeField(_("letter checked at"), null=True, blank=True)
    letter_problem = models.CharField(
        _("letter's file problem"), max_length=10, choices=FileProblem.choices, blank=True
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("ended because"), max_length=20, choices=EndReason.choices, blank=True)
    # What a person wrote when they ended it.
    end_note = SealedField(_("note on the end"), bound_to="pk", null=True, default=None)
    fee = models.DecimalField(_("fee"), max_digits=10, decimal_places=2, null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = VisitOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit order")
        verbose_name_plural = _("visit orders")
        constraints = [
            models.CheckConstraint(condition=Q(end_reason__in=["", *EndReason.values]), name="visit_end_is_listed"),
            models.CheckConstraint(condition=Q(lead__isnull=True) | ~Q(lead=F("second")), name="visit_crew_is_a_pair"),
            models.CheckConstraint(
                condition=Q(window_start__isnull=True, window_end__isnull=True) | Q(window_end__gt=F("window_start")),
                name="visit_window_is_a_span",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(requested_by__isnull=True)
                | ~Q(approved_by=F("requested_by")),
                name="visit_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNAPPROVED) | Q(approved_by__isnull=False),
                name="visit_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=GOING_OUT)
                | Q(lead__isnull=False, second__isnull=False, letter_code__isnull=False, window_start__isnull=False),
                name="visit_goes_out_complete",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=~Q(state__in=ENDED_VISITS),
                name="one_open_visit_a_case",
            ),
            models.CheckConstraint(
                condition=Q(household__isnull=True)
                | Q(lead__isnull=False, second__isnull=False, planned_arrival_at__isnull=False),
                name="visit_of_household_is_planned",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="visit_worklist"),
            models.Index(fields=["lead", "window_start"], name="visit_by_crew"),
            models.Index(fields=["letter_checked_at", "id"], condition=~Q(letter_file=""), name="letters_to_check"),
        ]

    def __str__(self) -> str:
        return f"V{self.pk:07d}" if self.pk else "V"


class CheckInQuerySet(OfVisitQuerySet):
    territory_path = "order__case__territory"
    order_path = "order"


class CheckIn(models.Model):
    """One crew member's arrival or departure: place and both clocks. Positions of crew members only, never of a borrower."""

    class Moment(models.TextChoices):
        IN = "IN", _("Check-in")
        OUT = "OUT", _("Check-out")

    order = models.ForeignKey(VisitOrder, models.CASCADE, verbose_name=_("visit order"), related_name="check_ins")
    member = models.ForeignKey(CrewMember, models.PROTECT, verbose_name=_("crew member"), related_name="+")
    moment = models.CharField(_("moment"), max_length=3, choices=Moment.choices)
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    # "latitude,longitude" in degrees, WGS 84; `datum` is what the device gave them in (cases/rules/coordinates.py).
    point = SealedField(_("coordinates"))
    datum = models.CharField(_("datum"), max_length=5, default="wgs84", db_default="wgs84")
    # Keyed digest of the position to the metre: shows that two are the same, and not where. Empty for old rows.
    place_digest = models.BinaryField(default=b"", db_default=b"", editable=False)
    accuracy_m = models.FloatField(_("accuracy in metres"), null=True, blank=True)
    distance_m = models.FloatField(_("distance from the address in metres"), null=True, blank=True)
    mock_location = models.BooleanField(_("mock location"), default=False)
    device_at = models.DateTimeField(_("device clock"))
    received_at = models.DateTimeField(_("received at"))
    # The member's own phone, which signed it; null where a program of the agency sent it.
    device = models.ForeignKey(
        "visits.CrewDevice", models.PROTECT, verbose_name=_("device"), null=True, blank=True, related_name="+"
    )
    # When it was made by the server's clock, as far as the ticket proves: after `known_from`, before it was received.
    happened_at = models.DateTimeField(_("happened at"))
    known_from = models.DateTimeField(_("not before"), null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [models.UniqueConstraint(fields=["order", "member", "moment"], name="one_check_in_a_moment")]
        indexes = [
            models.Index(fields=["place_digest"], condition=~Q(place_digest=b""), name="check_ins_by_place"),
            models.Index(fields=["member", "happened_at"], name="check_ins_of_member"),
        ]

    def __str__(self) -> str:
        return self.external_ref

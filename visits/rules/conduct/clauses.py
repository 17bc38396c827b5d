"""The conduct rules by name, each with the clause it comes from and the row of domain table a."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from visits.enums import Protection

Words = str | Promise


class ConductRule(StrEnum):
    """A rule that can refuse a visit. The value is stable: it is stored with refusals."""

    QUIET_HOURS = "QUIET_HOURS"
    VISIT_WINDOW = "VISIT_WINDOW"
    AGREED_TIME = "AGREED_TIME"
    LAST_RESORT = "LAST_RESORT"
    ADDRESS_CAP = "ADDRESS_CAP"
    HOUSEHOLD_CAP = "HOUSEHOLD_CAP"
    DOOR_AGENCY = "DOOR_AGENCY"
    DEBTOR_CAP = "DEBTOR_CAP"
    PLACEMENT_CAP = "PLACEMENT_CAP"
    AFTER_VISIT = "AFTER_VISIT"
    AFTER_REFUSAL = "AFTER_REFUSAL"
    AFTER_PROMISE = "AFTER_PROMISE"
    HOLIDAY = "HOLIDAY"
    SPRING_FESTIVAL = "SPRING_FESTIVAL"
    NOTICE = "NOTICE"
    ORDER_LAPSED = "ORDER_LAPSED"
    PLACE = "PLACE"
    WORKPLACE_CONSENT = "WORKPLACE_CONSENT"
    WORKPLACE_HOURS = "WORKPLACE_HOURS"
    PERMISSION = "PERMISSION"
    CREW_SIZE = "CREW_SIZE"
    CREW_STANDING = "CREW_STANDING"
    CREW_TRAINING = "CREW_TRAINING"
    CREW_LOAD = "CREW_LOAD"
    ONE_AGENCY = "ONE_AGENCY"
    AGENCY_LISTED = "AGENCY_LISTED"
    MANDATE = "MANDATE"
    BADGE_SHOWN = "BADGE_SHOWN"
    CHECK_IN_TOGETHER = "CHECK_IN_TOGETHER"
    AT_ADDRESS = "AT_ADDRESS"
    TRUE_POSITION = "TRUE_POSITION"
    CONTACT_BUDGET = "CONTACT_BUDGET"
    PAID = "PAID"
    PLAN_ACTIVE = "PLAN_ACTIVE"
    GRACE = "GRACE"
    HARDSHIP_PENDING = "HARDSHIP_PENDING"
    CEASE = "CEASE"
    COMPLAINT_OPEN = "COMPLAINT_OPEN"
    DISPUTE_OPEN = "DISPUTE_OPEN"
    REPRESENTED = "REPRESENTED"
    VISIT_DECLINED = "VISIT_DECLINED"
    ANSWER_OPEN = "ANSWER_OPEN"
    DECEASED = "DECEASED"
    SPECIAL_CARE = "SPECIAL_CARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Where a rule comes from. `row` is the row of domain table a, None if it is in table b or list c only."""

    source: Words
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """
    One reason why a visit may not take place.

    `until` is the first instant at which this rule no longer refuses; None if time alone lifts nothing.
    """

    rule: ConductRule
    message: Words
    until: datetime | None = None

    @property
    def clause(self) -> Clause:
        """The clause the rule comes from."""
        return CLAUSES[self.rule]


CLAUSES: Mapping[ConductRule, Clause] = MappingProxyType(
    {
        ConductRule.QUIET_HOURS: Clause(source=_("GB/T 45251-2025; CBA 2026 guideline"), row=1),
        ConductRule.VISIT_WINDOW: Clause(source=_("House rule, stricter than law"), row=2),
        ConductRule.AGREED_TIME: Clause(source=_("CBA 2026 guideline: unless agreed"), row=3),
        ConductRule.LAST_RESORT: Clause(source=_("CBA 2026 guideline: necessity"), row=6),
        ConductRule.ADDRESS_CAP: Clause(source=_("House rule: visit caps"), row=7),
        ConductRule.HOUSEHOLD_CAP: Clause(source=_("House rule: visit caps"), row=7),
        ConductRule.DOOR_AGENCY: Clause(source=_("House rule: one agency at a door"), row=39),
        ConductRule.DEBTOR_CAP: Clause(source=_("House rule: visit caps"), row=7),
        ConductRule.PLACEMENT_CAP: Clause(source=_("House rule: visit caps"), row=7),
        ConductRule.AFTER_VISIT: Clause(source=_("House rule: cool-off"), row=7),
        ConductRule.AFTER_REFUSAL: Clause(source=_("House rule: cool-off"), row=7),
        ConductRule.AFTER_PROMISE: Clause(source=_("House rule: cool-off"), row=7),
        ConductRule.HOLIDAY: Clause(source=_("National holidays; AU and ID practice"), row=8),
        ConductRule.SPRING_FESTIVAL: Clause(source=_("House rule: Spring Festival"), row=8),
        ConductRule.NOTICE: Clause(source=_("CONC 7.9.12R: adequate notice")),
        ConductRule.ORDER_LAPSED: Clause(source=_("House rule: order validity")),
        ConductRule.PLACE: Clause(source=_("House rule: address types")),
        ConductRule.WORKPLACE_CONSENT: Clause(source=_("CBA 2026 guideline, prohibition 10: office area"), row=20),
        ConductRule.WORKPLACE_HOURS: Clause(source=_("RG 96: face-to-face at a workplace"), row=2),
        ConductRule.PERMISSION: Clause(source=_("RG 96: permission first"), row=6),
        ConductRule.CREW_SIZE: Clause(source=_("CBA 2026 guideline: plural collectors"), row=15),
        ConductRule.CREW_STANDING: Clause(source=_("GB/T 45251-2025: staff"), row=36),
        ConductRule.CREW_TRAINING: Clause(source=_("GB/T 45251-2025: annual training and exam"), row=36),
        ConductRule.CREW_LOAD: Clause(source=_("House rule: orders per crew and day")),
        ConductRule.ONE_AGENCY: Clause(source=_("Consumer-finance self-regulation: no re-subcontracting"), row=39),
        ConductRule.AGENCY_LISTED: Clause(source=_("CBA 2026 guideline: list management"), row=38),
        ConductRule.MANDATE: Clause(source=_("CBA 2026 guideline; NIFA 2018 art. 15"), row=16),
        ConductRule.BADGE_SHOWN: Clause(source=_("CBA 2026 guideline; NIFA 2018 art. 15"), row=16),
        ConductRule.CHECK_IN_TOGETHER: Clause(source=_("CBA 2026 guideline: plural collectors"), row=15),
        ConductRule.AT_ADDRESS: Clause(source=_("House rule: geofence"), row=15),
        ConductRule.TRUE_POSITION: Clause(source=_("House rule: never trust a mock position")),
        ConductRule.CONTACT_BUDGET: Clause(source=_("GB/T 45251-2025: conversations a day"), row=4),
        ConductRule.PAID: Clause(source=_("House rule: nothing is due")),
        ConductRule.PLAN_ACTIVE: Clause(source=_("Credit-card measures art. 70"), row=31),
        ConductRule.GRACE: Clause(source=_("House rule: collection rests while a grace runs")),
        ConductRule.HARDSHIP_PENDING: Clause(source=_("House rule: all contact stops while pending")),
        ConductRule.CEASE: Clause(source=_("House rule: cease collection")),
        ConductRule.COMPLAINT_OPEN: Clause(source=_("Complaints measures (CBIRC Order 3/2020)"), row=41),
        ConductRule.DISPUTE_OPEN: Clause(source=_("CONC 7: disputed debt"), row=42),
        ConductRule.REPRESENTED: Clause(source=_("AU guideline: authorised representative"), row=44),
        ConductRule.VISIT_DECLINED: Clause(source=_("AU guideline: permission first, refused means no visit")),
        ConductRule.ANSWER_OPEN: Clause(source=_("House rule: whoever answers a letter is heard before anybody comes")),
        ConductRule.DECEASED: Clause(source=_("House rule: estate procedure")),
        ConductRule.SPECIAL_CARE: Clause(source=_("CONC 7; RBI: vulnerability and occasions"), row=43),
    }
)

PROTECTION_RULES: Mapping[Protection, ConductRule] = MappingProxyType(
    {
        Protection.PAID: ConductRule.PAID,
        Protection.PLAN_ACTIVE: ConductRule.PLAN_ACTIVE,
        Protection.GRACE: ConductRule.GRACE,
        Protection.HARDSHIP_PENDING: ConductRule.HARDSHIP_PENDING,
        Protection.CEASE: ConductRule.CEASE,
        Protection.COMPLAINT_OPEN: ConductRule.COMPLAINT_OPEN,
        Protection.DISPUTED: ConductRule.DISPUTE_OPEN,
        Protection.FRAUD_CLAIM: ConductRule.DISPUTE_OPEN,
        Protection.REPRESENTED: ConductRule.REPRESENTED,
        Protection.VISIT_DECLINED: ConductRule.VISIT_DECLINED,
        Protection.ANSWER_OPEN: ConductRule.ANSWER_OPEN,
        Protection.DECEASED: ConductRule.DECEASED,
        Protection.ILLNESS: ConductRule.SPECIAL_CARE,
        Protection.HOSPITAL: ConductRule.SPECIAL_CARE,
        Protection.BEREAVED: ConductRule.SPECIAL_CARE,
        Protection.CHILDBIRTH: ConductRule.SPECIAL_CARE,
        Protection.AGED: ConductRule.SPECIAL_CARE,
        Protection.DISABLED: ConductRule.SPECIAL_CARE,
        Protection.DISASTER: ConductRule.SPECIAL_CARE,
        Protection.DETAINED: ConductRule.SPECIAL_CARE,
        Protection.SELF_HARM: ConductRule.SPECIAL_CARE,
        Protection.OCCASION: ConductRule.SPECIAL_CARE,
        Protection.SPECIAL_CARE: ConductRule.SPECIAL_CARE,
    }
)

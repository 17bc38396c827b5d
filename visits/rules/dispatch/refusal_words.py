"""What each refusal means and what to do about it, for a dispatcher who looks at a plan later or in another language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from visits.enums import UnassignedReason
from visits.rules.conduct.clauses import CLAUSES, ConductRule

Words = str | Promise

# The code of an order that was not approved any more, or whose placement or case had ended.
NOT_PLANNABLE: Final = "STATE"
_WAIT: Final = _("Wait until this is over; the order can be planned again then.")
_PROTECTED: Final = _("Nobody visits. Look at the case: the officer decides what follows.")
_OTHER_CREW: Final = _("Choose another pair.")
_LATER: Final = _("Choose a later day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalWords:
    """A refusal as people read it: what holds, what to do, and where the rule comes from (empty for no conduct rule)."""

    what: Words
    remedy: Words
    clause: Words = ""
    row: int | None = None


_RULES: Final[Mapping[str, tuple[Words, Words]]] = MappingProxyType(
    {
        "QUIET_HOURS": (_("Quiet hours of the borrower"), _("Choose another hour.")),
        "VISIT_WINDOW": (_("Not wholly within the hours of visits"), _("Choose another hour.")),
        "AGREED_TIME": (_("The agreed time does not hold"), _("Ask the borrower again, or use the hours of visits.")),
        "LAST_RESORT": (
            _("A visit is the last resort, and steps before it are missing"),
            _("Try the other channels first."),
        ),
        "ADDRESS_CAP": (_("This address has had its visits"), _WAIT),
        "HOUSEHOLD_CAP": (_("The people at this door have had their visits"), _WAIT),
        "DOOR_AGENCY": (_("Another agency visits people at this door"), _("Place the case with that agency, or wait.")),
        "DEBTOR_CAP": (_("This person has had their visits"), _WAIT),
        "PLACEMENT_CAP": (_("This placement has used up its visits"), _("Recall the case or work it without visits.")),
        "AFTER_VISIT": (_("Too soon after another visit to this person"), _WAIT),
        "AFTER_REFUSAL": (_("The person refused to talk not long ago"), _WAIT),
        "AFTER_PROMISE": (_("A promise to pay is open"), _WAIT),
        "HOLIDAY": (_("National holiday"), _("Choose a day after it.")),
        "SPRING_FESTIVAL": (_("First or last days of Spring Festival"), _("Choose a day after it.")),
        "NOTICE": (_("The borrower would learn of it too late"), _LATER),
        "ORDER_LAPSED": (
            _("The order's validity ends before that day"),
            _("Choose an earlier day, or have it approved again."),
        ),
        "PLACE": (_("This kind of address is not visited"), _("Choose another address of the borrower.")),
        "WORKPLACE_CONSENT": (
            _("A workplace without the borrower's consent"),
            _("Record the consent, or choose the residence."),
        ),
        "WORKPLACE_HOURS": (_("Not wholly within the hours of visits at a workplace"), _("Choose another hour.")),
        "PERMISSION": (
            _("The borrower has not permitted the visit"),
            _("Ask for the permission and record where it is kept."),
        ),
        "CONTACT_BUDGET": (_("The conversations of the day with this person are used up"), _("Choose another day.")),
        "CREW_SIZE": (_("Not two people"), _OTHER_CREW),
        "CREW_STANDING": (_("Somebody of the crew may not go: screening, exam or confidentiality"), _OTHER_CREW),
        "CREW_TRAINING": (_("The training of somebody of the crew has run out"), _OTHER_CREW),
        "CREW_LOAD": (_("The crew has as many visits that day as it may make"), _OTHER_CREW),
        "ONE_AGENCY": (_("The crew is not of the agency that has the case"), _("Choose a pair of that agency.")),
        "AGENCY_LISTED": (_("The agency is not on the list, or suspended"), _("Place the case with another agency.")),
        "MANDATE": (
            _("The agency's mandate does not cover that day"),
            _("Choose an earlier day, or renew the placement."),
        ),
        "BADGE_SHOWN": (_("Badges and mandate are not shown"), _("The crew photographs them at the door.")),
        "CHECK_IN_TOGETHER": (_("The two did not check in together"), _("Both check in at the door.")),
        "AT_ADDRESS": (_("The crew is not at the address"), _("The crew checks in at the door.")),
        "TRUE_POSITION": (_("A telephone reports a position that is made up"), _("The crew switches that off.")),
        "PAID": (_("Nothing is left to pay"), _("Cancel the visit.")),
        "PLAN_ACTIVE": (_("A repayment plan is being kept"), _("Cancel the visit.")),
        "GRACE": (_("A grace is running"), _("Cancel the visit.")),
        "HARDSHIP_PENDING": (_("An application for hardship is pending"), _PROTECTED),
        "CEASE": (_("Collection has ceased"), _PROTECTED),
        "COMPLAINT_OPEN": (_("A complaint is open"), _("Answer the complaint first.")),
        "DISPUTE_OPEN": (_("The debt is disputed, or somebody else made it"), _PROTECTED),
        "ANSWER_OPEN": (
            _("An answer to the letter waits to be looked at"),
            _("Look at the answer on the case's page."),
        ),
        "REPRESENTED": (_("The borrower has a representative"), _("Write to the representative.")),
        "VISIT_DECLINED": (_("The borrower wants no visit"), _PROTECTED),
        "DECEASED": (_("The borrower is reported to have died"), _PROTECTED),
        "SPECIAL_CARE": (_("Illness, bereavement, birth, age or another reason for special care"), _PROTECTED),
    }
)
_REASONS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        UnassignedReason.NO_CREW: _("Choose a crew that is on shift."),
        UnassignedReason.NO_SKILL: _("Choose a pair of the agency that has the case."),
        UnassignedReason.BAD_POSITION: _("Set the place of the address on the day desk's map."),
        UnassignedReason.WINDOW_CLOSED: _("Choose a later day: the notice needs its time."),
        UnassignedReason.OUT_OF_REACH: _("Choose a crew that starts nearer, or plan it alone on a day of its own."),
        UnassignedReason.NO_CAPACITY: _("Choose more crews, or plan the rest for another day."),
        UnassignedReason.NO_ROOM: _("Choose more crews or a longer search, or plan it for another day."),
        UnassignedReason.CREW_BUSY: _("Choose another time or another crew."),
        UnassignedReason.WITH_HOUSEHOLD: _(
            "Look at the other orders of the door; take back or cancel what cannot go along."
        ),
    }
)


def rule_words(*, rule: str) -> RefusalWords:
    """Return the words of a conduct rule by its code. A code that has none yet is shown as it is, with its clause."""
    what, remedy = _RULES.get(rule, (rule, ""))
    clause = CLAUSES[ConductRule(rule)] if rule in set(ConductRule) else None
    return RefusalWords(
        what=what, remedy=remedy, clause=clause.source if clause else "", row=clause.row if clause else None
    )


def reason_words(*, reason: str) -> RefusalWords:
    """Return the words of a code of `UnassignedReason`, or of `NOT_PLANNABLE`."""
    if reason == NOT_PLANNABLE:
        return RefusalWords(
            what=_("It cannot be planned any more: it has ended, or its placement or case has"),
            remedy=_("Look at the order."),
        )
    return RefusalWords(what=UnassignedReason(reason).label, remedy=_REASONS.get(reason, ""))

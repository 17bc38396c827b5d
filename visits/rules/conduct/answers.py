"""What an answer to a letter brings about, and which times a borrower may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import FlagKind
from cases.rules.calendar import Calendar
from visits.enums import EndReason, LetterAnswerKind, VisitState
from visits.rules.conduct.clauses import ConductRule, Words
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import hour_refusals, local_time
from visits.rules.lifecycle import BEFORE_DOOR

# A wish names at least this much time: the announced window of a visit is as long.
SHORTEST_WISH = timedelta(hours=2)
# An answer still changes what happens to a visit in one of these; afterwards it is a message.
IN_TIME = BEFORE_DOOR | {VisitState.CHECKED_IN}
# Planned visits whose crew has not set out: they can be planned anew.
TAKEN_BACK = frozenset({VisitState.SCHEDULED, VisitState.ACCEPTED})
CALLED_BACK = frozenset({VisitState.EN_ROUTE, VisitState.CHECKED_IN})
UNDER_WAY = TAKEN_BACK | CALLED_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEffect:
    """
    What follows once an answer counts: a circumstance of the borrower, and why their visit ends. None: nothing of it.

    `at_once` says that a proven answer counts when it comes. Every other one holds visits until a person has looked.
    """

    circumstance: FlagKind | None = None
    ends: EndReason | None = None
    at_once: bool = True


EFFECTS: Mapping[LetterAnswerKind, AnswerEffect] = MappingProxyType(
    {
        LetterAnswerKind.DECLINE: AnswerEffect(
            circumstance=FlagKind.OPTED_OUT_OF_VISITS, ends=EndReason.BORROWER_ASKED
        ),
        LetterAnswerKind.OTHER_TIME: AnswerEffect(),
        LetterAnswerKind.PAPER: AnswerEffect(ends=EndReason.NOT_NEEDED, at_once=False),
        # The complaint itself pauses visits until it is answered.
        LetterAnswerKind.COMPLAINT: AnswerEffect(),
        LetterAnswerKind.REPRESENTED: AnswerEffect(circumstance=FlagKind.REPRESENTED, ends=EndReason.NOT_DUE),
        LetterAnswerKind.HOSPITAL: AnswerEffect(circumstance=FlagKind.HOSPITAL, ends=EndReason.NOT_DUE),
        LetterAnswerKind.BEREAVED: AnswerEffect(circumstance=FlagKind.BEREAVED, ends=EndReason.NOT_DUE),
        LetterAnswerKind.NOT_HERE: AnswerEffect(ends=EndReason.ADDRESS_WRONG, at_once=False),
    }
)
# Answers that change something about borrower or visit once they count.
ACTED_ON = frozenset(kind for kind, effect in EFFECTS.items() if effect.circumstance or effect.ends)


def counts_at_once(*, kind: str, is_proven: bool, by_video: bool = False) -> bool:
    """Return whether an answer counts when it comes; if not, visits are held until a person has looked at it."""
    return is_proven and EFFECTS[LetterAnswerKind(kind)].at_once and not by_video


def wish_problem(
    *,
    policy: ConductPolicy,
    calendar: Calendar,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
    is_agreed: bool = False,
) -> Words | None:
    """
    Return why nobody can come in [opens_at, closes_at], asked for at `at`, in words for a borrower; None if they can.

    With `is_agreed` there is a recording of what the borrower asked for: then the hours of visits do not stand against it,
    but the day, the notice and the length do, and it ends on the day on which it begins.
    """
    if closes_at - opens_at < SHORTEST_WISH:
        return _("Choose at least two hours, so that the visitors can be on time.")
    if opens_at < at + timedelta(hours=policy.notice_min_hours):
        return format_lazy(
            _("This is too soon. Choose a time at least {hours} hours from now."), hours=policy.notice_min_hours
        )
    if opens_at > at + timedelta(days=policy.order_valid_days):
        return format_lazy(_("Choose a day within the next {days} days."), days=policy.order_valid_days)
    rules = {
        refusal.rule
        for refusal in hour_refusals(policy=policy, calendar=calendar, starts_at=opens_at, ends_at=closes_at)
    }
    if rules & {ConductRule.HOLIDAY, ConductRule.SPRING_FESTIVAL}:
        return _("Nobody comes on this day. Choose another one.")
    if is_agreed:
        first, last = (local_time(policy=policy, at=each).date() for each in (opens_at, closes_at))
        return _("The time must begin before it ends, on one day.") if first != last else None
    if rules:
        return format_lazy(
            _(
                "Nobody comes at this hour. Choose a time between {opens} and {closes}. If only another hour suits you, call "
                "us: we agree on it on the recorded telephone."
            ),
            opens=f"{policy.visit_from:%H:%M}",
            closes=f"{policy.visit_until:%H:%M}",
        )
    return None

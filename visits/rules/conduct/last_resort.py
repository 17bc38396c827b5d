"""
Whether a visit is the last resort: what must have been tried before, step by step (CBA 2026 guideline: necessity).

It is asked of every visit that the borrower did not ask for, also where a reason of the policy asks for one: whoever was just
reached, or just used the app, is invited there and not visited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from visits.rules.conduct.clauses import Words
from visits.rules.conduct.contact import AttemptTotals
from visits.rules.conduct.policy import ConductPolicy

# What each count is called, and what is said when it is too low.
_COUNT_WORDS: Mapping[str, tuple[Words, Any]] = MappingProxyType(
    {
        "attempts": (_("Attempts"), _("{have} of {want} attempts")),
        "days": (_("Days from first to last"), _("attempts over {have} of {want} days")),
        "channels": (_("Channels"), _("{have} of {want} channels")),
        "dayparts": (_("Parts of the day"), _("{have} of {want} parts of the day")),
        "failures": (_("Days with failed calls in a row"), _("failed calls on {have} of {want} days")),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One thing that must have been tried, or must not have happened lately: `have` beside `want`, as words.

    `gap` says what is missing, in words for whoever wants to send the visit; None if the step is met.
    """

    title: Words
    have: Words
    want: Words
    gap: Words | None = None


def last_resort_steps(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> tuple[Step, ...]:
    """
    Return all steps before a visit, met or open, for a borrower with or without an open reason that needs a visit.

    Without such a reason the borrower must be unreachable: no contact at all in the time that `attempts` covers. With one, a
    contact more than `reached_quiet_days` days ago has not settled it, and calls that were answered need not have failed.
    If all telephone numbers proved invalid, no attempts are asked for.
    """
    steps = [_app_step(policy=policy, attempts=attempts)]
    steps.append(_reached_step(policy=policy, attempts=attempts, has_reason=has_reason))
    for count, have, want in _counts(policy=policy, attempts=attempts, has_reason=has_reason):
        title, text = _COUNT_WORDS[count]
        gap = format_lazy(text, have=have, want=want) if have < want else None
        steps.append(Step(title=title, have=str(have), want=format_lazy(_("{n} or more"), n=want), gap=gap))
    return tuple(steps)


def is_last_resort(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> bool:
    """Return whether all steps are met, as `last_resort_steps` has them, without making words: a whole portfolio is asked."""
    if _is_active(policy=policy, attempts=attempts):
        return False
    if _is_reached(policy=policy, attempts=attempts, has_reason=has_reason):
        return False
    # As `_counts` has them.
    return attempts.all_numbers_invalid or (
        attempts.attempts >= policy.attempts_min
        and attempts.days_spanned >= policy.attempt_days_min
        and attempts.channels >= policy.attempt_channels_min
        and attempts.dayparts >= policy.attempt_dayparts_min
        and (
            attempts.voice_failure_days >= policy.voice_failure_days_min
            or bool(has_reason and attempts.right_party_contacts)
        )
    )


def last_resort_gaps(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> tuple[Words, ...]:
    """Return what is still missing before a visit; empty if nothing is."""
    if is_last_resort(policy=policy, attempts=attempts, has_reason=has_reason):
        return ()
    steps = last_resort_steps(policy=policy, attempts=attempts, has_reason=has_reason)
    return tuple(step.gap for step in steps if step.gap is not None)


def gaps_text(*, gaps: Sequence[Words]) -> Words:
    """Return the sentence that refuses a visit for its open steps, in the language of whoever reads it."""
    return format_lazy(_("A visit is the last resort, and it is too early: {gaps}."), gaps=_joined_lazily(gaps))


def _joined(parts: Sequence[Words]) -> str:
    return "; ".join(map(str, parts))


_joined_lazily = lazy(_joined, str)


def _counts(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> list[tuple[str, int, int]]:
    """Return what is counted, how much there is, and how much there must be; nothing if no telephone number is left."""
    if attempts.all_numbers_invalid:
        return []
    counts = [
        ("attempts", attempts.attempts, policy.attempts_min),
        ("days", attempts.days_spanned, policy.attempt_days_min),
        ("channels", attempts.channels, policy.attempt_channels_min),
        ("dayparts", attempts.dayparts, policy.attempt_dayparts_min),
    ]
    if not (has_reason and attempts.right_party_contacts):
        counts.append(("failures", attempts.voice_failure_days, policy.voice_failure_days_min))
    return counts


def _is_active(*, policy: ConductPolicy, attempts: AttemptTotals) -> bool:
    quiet_days = attempts.days_since_app_use
    return quiet_days is not None and quiet_days <= policy.app_quiet_days_min


def _is_reached(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> bool:
    if has_reason:
        return attempts.days_since_reached is not None and attempts.days_since_reached <= policy.reached_quiet_days
    return attempts.right_party_contacts > 0


def _app_step(*, policy: ConductPolicy, attempts: AttemptTotals) -> Step:
    is_active = _is_active(policy=policy, attempts=attempts)
    return Step(
        title=_("Last app login or payment"),
        have=_never_or_days(attempts.days_since_app_use),
        want=format_lazy(_("more than {n} days ago"), n=policy.app_quiet_days_min),
        gap=_("the borrower was active in the app (write there)") if is_active else None,
    )


def _reached_step(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> Step:
    days_ago: Words = format_lazy(_("more than {n} days ago"), n=policy.reached_quiet_days)
    is_reached = _is_reached(policy=policy, attempts=attempts, has_reason=has_reason)
    return Step(
        title=_("Borrower last reached"),
        have=_never_or_days(attempts.days_since_reached),
        want=days_ago if has_reason else _("not reached"),
        gap=_("the borrower was reached (invite instead)") if is_reached else None,
    )


def _never_or_days(days: int | None) -> Words:
    if days is None:
        return _("never")
    return _("today") if days == 0 else format_lazy(_("{n} days ago"), n=days)

"""
Whether a visit is the last resort: what must have been tried before, step by step (CBA 2026 guideline: necessity).

It is asked of every visit that the borrower did not ask for, also where a reason of the policy asks for one: whoever was just
reached, or just used the app, is invited there and not visited.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from visits.rules.conduct.clauses import Words
from visits.rules.conduct.contact import AttemptTotals
from visits.rules.conduct.policy import ConductPolicy


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
    if attempts.all_numbers_invalid:
        return tuple(steps)
    counts = [
        (_("Attempts"), attempts.attempts, policy.attempts_min, _("{have} of {want} attempts")),
        (
            _("Days from first to last"),
            attempts.days_spanned,
            policy.attempt_days_min,
            _("attempts over {have} of {want} days"),
        ),
        (_("Channels"), attempts.channels, policy.attempt_channels_min, _("{have} of {want} channels")),
        (_("Parts of the day"), attempts.dayparts, policy.attempt_dayparts_min, _("{have} of {want} parts of the day")),
    ]
    if not (has_reason and attempts.right_party_contacts):
        want = policy.voice_failure_days_min
        counts.append(
            (
                _("Days with failed calls in a row"),
                attempts.voice_failure_days,
                want,
                _("failed calls on {have} of {want} days"),
            )
        )
    for title, have, want, text in counts:
        gap = format_lazy(text, have=have, want=want) if have < want else None
        steps.append(Step(title=title, have=str(have), want=format_lazy(_("{n} or more"), n=want), gap=gap))
    return tuple(steps)


def last_resort_gaps(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> tuple[Words, ...]:
    """Return what is still missing before a visit; empty if nothing is."""
    steps = last_resort_steps(policy=policy, attempts=attempts, has_reason=has_reason)
    return tuple(step.gap for step in steps if step.gap is not None)


def gaps_text(*, gaps: Sequence[Words]) -> Words:
    """Return the sentence that refuses a visit for its open steps, in the language of whoever reads it."""
    return format_lazy(_("A visit is the last resort, and it is too early: {gaps}."), gaps=_joined_lazily(gaps))


def _joined(parts: Sequence[Words]) -> str:
    return "; ".join(map(str, parts))


_joined_lazily = lazy(_joined, str)


def _app_step(*, policy: ConductPolicy, attempts: AttemptTotals) -> Step:
    quiet_days = attempts.days_since_app_use
    is_active = quiet_days is not None and quiet_days <= policy.app_quiet_days_min
    return Step(
        title=_("Last app login or payment"),
        have=_never_or_days(quiet_days),
        want=format_lazy(_("more than {n} days ago"), n=policy.app_quiet_days_min),
        gap=_("the borrower was active in the app (write there)") if is_active else None,
    )


def _reached_step(*, policy: ConductPolicy, attempts: AttemptTotals, has_reason: bool) -> Step:
    since = attempts.days_since_reached
    if has_reason:
        is_reached = since is not None and since <= policy.reached_quiet_days
        want: Words = format_lazy(_("more than {n} days ago"), n=policy.reached_quiet_days)
    else:
        is_reached = attempts.right_party_contacts > 0
        want = _("not reached")
    return Step(
        title=_("Borrower last reached"),
        have=_never_or_days(since),
        want=want,
        gap=_("the borrower was reached (invite instead)") if is_reached else None,
    )


def _never_or_days(days: int | None) -> Words:
    if days is None:
        return _("never")
    return _("today") if days == 0 else format_lazy(_("{n} days ago"), n=days)

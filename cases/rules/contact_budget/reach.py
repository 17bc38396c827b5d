"""When a borrower counts as unreachable, so that a contact person may be asked to restore contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cases.enums import Channel
from cases.rules.contact_budget.policy import ContactPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A contact with the borrower, in either direction, on a local day, and whether the borrower was reached."""

    day: date
    channel: Channel
    reached: bool


def is_unreachable(
    *, policy: ContactPolicy, tried: Sequence[Tried], all_numbers_invalid: bool, days_since_app_use: int | None
) -> bool:
    """
    Return whether the borrower cannot be reached: calls failed on several days in a row, or no number serves.

    `tried` is in the order of time. A use of the app within `app_quiet_days_min` days means that they can be reached
    there. Failures of one day count once; a contact that reached the borrower, in either direction, begins the count
    anew.
    """
    if days_since_app_use is not None and days_since_app_use <= policy.app_quiet_days_min:
        return False
    if all_numbers_invalid:
        return True
    failed: set[date] = set()
    for each in tried:
        if each.reached:
            failed.clear()
        elif each.channel == Channel.VOICE:
            failed.add(each.day)
    return len(failed) >= policy.voice_failure_days_min

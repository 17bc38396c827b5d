"""One reason why a contact may not be made: its rule, its source, when it ends, and words for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import ContactRule, FlagKind
from cases.rules.contact_budget.policy import ContactPolicy

Words = str | Promise
R = ContactRule
# Rules whose source is not the text of the jurisdiction.
SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        R.AGREED_TIME: "CBA 2026 guideline: unless agreed; Reg F: inconvenient time",
        R.AFTER_PROMISE: "House rule: cool-off",
        R.AFTER_REFUSAL: "House rule: cool-off",
        R.PLAN_ACTIVE: "Credit-card measures art. 70; RG 96: arrangement in place",
        R.GRACE: "House rule: collection rests while a grace runs",
        R.CIRCUMSTANCE: "House rule: circumstances; complaints measures; CONC 7; RBI",
        R.REPRESENTED: "RG 96: authorised representative",
        R.CONTACT_PERSON: "GB/T 45251-2025: contact persons",
        R.PURPOSE: "GB/T 45251-2025: only the debtor is asked to pay",
        R.ROLE_ENDED: "House rule: the relation has ended",
        R.NUMBER_STOPPED: "GB/T 45251-2025: stop when they refuse",
    }
)
WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        R.QUIET_HOURS: _("Quiet hours at the borrower; wait until they end."),
        R.HOLIDAY: _("National holiday; choose a day after it."),
        R.AGREED_TIME: _("The borrower wants to be contacted at other times only; keep to those."),
        R.CONVERSATIONS_A_DAY: _("The borrower was spoken to as often as allowed on one day, over all channels."),
        R.CONVERSATIONS_A_WEEK: _("The borrower was spoken to as often as allowed in 7 days."),
        R.CONVERSATIONS_A_MONTH: _("The borrower was spoken to as often as allowed in 30 days."),
        R.TRIES_A_NUMBER: _("This number was tried as often as allowed on one day."),
        R.CALLS_A_WEEK: _("The borrower was called as often as allowed in 7 days."),
        R.AFTER_CONVERSATION: _("The borrower was spoken to; leave the days after a conversation free."),
        R.AFTER_PROMISE: _("A promise to pay is running; wait for its date and grace."),
        R.AFTER_REFUSAL: _("The borrower declined to talk; leave them alone until the cool-off ends."),
        R.PLAN_ACTIVE: _("A repayment plan is kept; collection stops."),
        R.GRACE: _("A grace is running; collection rests until it ends."),
        R.REPRESENTED: _("A representative is on file; contact only them."),
        R.CONTACT_PERSON: _("A contact person may be asked only if the borrower is unreachable or has died."),
        R.PURPOSE: _("This person may not be contacted for this purpose."),
        R.ROLE_ENDED: _("This person is no longer related to the debt."),
        R.NUMBER_STOPPED: _("Somebody at this number refused contact; it is never used again."),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRefusal:
    """
    One reason why a contact may not be made.

    `until` is the first instant at which this rule no longer refuses, as far as is known now; None if time alone lifts
    nothing. `about` is the circumstance that forbids it. `source` is the clause.
    """

    rule: ContactRule
    source: str
    until: datetime | None = None
    about: FlagKind | None = None

    @property
    def words(self) -> Words:
        """What to do, in the reader's language."""
        if self.about is not None:
            return format_lazy(_("{circumstance}: no contact for this purpose."), circumstance=self.about.label)
        return WORDS[self.rule]


def refusal(
    *, rule: ContactRule, policy: ContactPolicy, until: datetime | None = None, about: FlagKind | None = None
) -> ContactRefusal:
    """Return a refusal with its clause: the rule's own source, else the text of the jurisdiction."""
    return ContactRefusal(rule=rule, source=SOURCES.get(rule, policy.source), until=until, about=about)


def as_kept(refused: ContactRefusal) -> dict[str, str | None]:
    """Return a refusal as it is kept with a permit: codes and an instant, no words."""
    return {
        "rule": refused.rule.value,
        "source": refused.source,
        "until": None if refused.until is None else refused.until.isoformat(),
        "about": None if refused.about is None else refused.about.value,
    }


def from_kept(kept: Mapping[str, str | None]) -> ContactRefusal:
    """Return the refusal that `as_kept` made."""
    until, about = kept["until"], kept["about"]
    return ContactRefusal(
        rule=ContactRule(str(kept["rule"])),
        source=str(kept["source"]),
        until=None if until is None else datetime.fromisoformat(until),
        about=None if about is None else FlagKind(about),
    )

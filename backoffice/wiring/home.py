"""The home page: a card for each kind of waiting work, and today's numbers along the loop."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.access.models import StandIn
from backoffice.access.stand_ins import ROLES, stood_in_for
from backoffice.wiring.home_cards import CARDS, Card
from cases.selectors.policies.holidays import missing_notice
from cases.selectors.runs.feeds import FeedWarning, feed_warnings
from reports.selectors import today, waiting

# Every page shows the counts in its menu; counts that are a few seconds old are good enough there.
BADGE_SECONDS = 10


STATIONS: dict[str, tuple[Any, str, str]] = {
    "portfolio": (_("Accounts past due"), "account_balance", "cases_account"),
    "triggers": (_("Reasons arose"), "bolt", "cases_triggerhit"),
    "cases": (_("Cases opened"), "folder_open", "cases_case"),
    "visits": (pgettext_lazy("planned for today", "Visits"), "home_pin", "visits_visitorder"),
    "verifications": (_("Facts verified"), "fact_check", "cases_verification"),
    "decisions": (_("Decisions proposed"), "gavel", "cases_decision"),
    "terms": (_("Terms changed"), "sync_alt", "cases_termschange"),
}


def cards_for(*, user: Any, at: datetime) -> list[dict[str, Any]]:
    """Return the person's cards, those where something waits first."""
    counts = waiting.waiting(user=user, business_date=timezone.localdate(at))
    cache.set(_badge_key(user), counts, BADGE_SECONDS)
    cards = [_shown(card=CARDS[name], count=count) for name, count in counts.items()]
    return sorted(cards, key=lambda card: card["count"] == 0)


def strip_for(*, user: Any, at: datetime) -> list[dict[str, Any]]:
    """Return today's numbers along the loop, in its order."""
    counts = today.along_the_loop(user=user, business_date=timezone.localdate(at))
    return [
        {
            "title": title,
            "icon": icon,
            "count": counts[name],
            "more": counts[name] >= today.CAP,
            "link": page_link(page=page),
        }
        for name, (title, icon, page) in STATIONS.items()
        if name in counts
    ]


def feeds_for(*, user: Any, at: datetime) -> list[FeedWarning]:
    """Return the sources of accounts with old figures or a missing file, for people who see the nightly runs."""
    if not user.has_perm("cases.view_evaluationrun"):
        return []
    return feed_warnings(user=user, business_date=timezone.localdate(at), at=at)


def year_without_notice(*, user: Any, at: datetime) -> int | None:
    """Return the next year if its holidays should be entered by now, for people who enter or confirm them; else None."""
    if not (user.has_perm("cases.add_holidaynotice") or user.has_perm("cases.confirm_holidaynotice")):
        return None
    return missing_notice(user=user, business_date=timezone.localdate(at))


def stand_ins_for(*, user: Any, at: datetime) -> list[StandIn]:
    """Return whom the person stands in for today; nothing for people who do not decide."""
    return stood_in_for(user=user, on=timezone.localdate(at)) if user.role in ROLES else []


def badge(*, user: Any, desk: str, at: datetime) -> str:
    """Return what the menu shows beside an entry: a number, "99+", or nothing."""
    if isinstance(user, AnonymousUser):
        return ""
    counts = cache.get(_badge_key(user))
    if counts is None:
        counts = waiting.waiting(user=user, business_date=timezone.localdate(at))
        cache.set(_badge_key(user), counts, BADGE_SECONDS)
    return _capped(counts.get(desk, 0)) if counts.get(desk) else ""


def page_link(*, page: str, query: str = "") -> str:
    """Return the address of a list in the admin, or nothing where there is no such list."""
    try:
        address = reverse(f"admin:{page}_changelist")
    except NoReverseMatch:
        return ""
    return f"{address}?{query}" if query else address


def _shown(*, card: Card, count: int) -> dict[str, Any]:
    link = reverse(card.desk) if card.desk else page_link(page=card.page, query=card.query if count else "")
    return {"card": card, "count": count, "shown": _capped(count), "link": link}


def _capped(count: int) -> str:
    return f"{waiting.CAP - 1}+" if count >= waiting.CAP else str(count)


def _badge_key(user: Any) -> str:
    return f"waiting:{user.pk}"

"""The home page: a card for each kind of waiting work, and today's numbers along the loop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.selectors.policies.holidays import missing_notice
from cases.selectors.runs.feeds import FeedWarning, feed_warnings
from reports.selectors import today, waiting

# Every page shows the counts in its menu; counts that are a few seconds old are good enough there.
BADGE_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card of one kind of waiting work. `next_step` is shown when nothing waits."""

    title: str | Promise
    icon: str
    page: str
    query: str = ""
    # The name of a page that is no list, for a desk of its own.
    desk: str = ""
    next_step: str | Promise


CARDS: dict[str, Card] = {
    "cases_due": Card(
        title=_("Cases due today"),
        icon="folder_open",
        page="cases_case",
        query="stage__in=OPEN,IN_WORK,VERIFIED",
        next_step=_("No case is due. Take the next one from the case list."),
    ),
    "complaints_near": Card(
        title=_("Complaints near their day"),
        icon="feedback",
        page="cases_complaint",
        query="answered_at__isnull=True",
        next_step=_("Every complaint is answered or has time."),
    ),
    "decisions_to_approve": Card(
        title=_("Decisions to approve"),
        icon="gavel",
        page="cases_decision",
        query="state__exact=PROPOSED",
        next_step=_("Nothing to approve. New proposals follow from verifications."),
    ),
    "visits_to_approve": Card(
        title=_("Visits to approve"),
        icon="approval",
        page="visits_visitorder",
        query="state__exact=DRAFT",
        next_step=_("No visit awaits approval."),
    ),
    "versions_to_approve": Card(
        title=_("Policies to approve"),
        icon="policy",
        page="cases_policyversion",
        query="state__exact=SUBMITTED",
        next_step=_("No policy version awaits approval."),
    ),
    "upgrades_to_approve": Card(
        title=_("Strategy upgrades to approve"),
        icon="campaign",
        page="cases_strategyupgrade",
        query="approved_by__isnull=True",
        next_step=_("No strategy upgrade awaits approval."),
    ),
    "exports_to_approve": Card(
        title=_("Exports to approve"),
        icon="download",
        page="reports_exportjob",
        query="state__exact=REQUESTED",
        next_step=_("No export awaits approval."),
    ),
    "visits_needed": Card(
        title=_("Cases that need a visit"),
        icon="home_pin",
        page="cases_case",
        query="needs_visit_by__isnull=False",
        next_step=_("No case waits for a visit. The next evaluation may bring some."),
    ),
    "visits_to_schedule": Card(
        title=_("Visits to schedule"),
        icon="event",
        desk="visits_day_desk",
        page="visits_visitorder",
        query="state__exact=APPROVED",
        next_step=_("Every approved visit has its window."),
    ),
    "visits_to_accept": Card(
        title=_("Visits to accept"),
        icon="assignment_turned_in",
        page="visits_visitorder",
        query="state__exact=SCHEDULED",
        next_step=_("Nothing to accept. New orders come from the lender's dispatcher."),
    ),
    "visits_today": Card(
        title=_("Visits today"),
        icon="directions_walk",
        page="visits_visitorder",
        query="state__in=SCHEDULED,ACCEPTED,EN_ROUTE,CHECKED_IN",
        next_step=_("No visit is planned for today."),
    ),
    "reports_returned": Card(
        title=_("Reports to redo"),
        icon="undo",
        page="visits_visitorder",
        query="state__exact=RETURNED",
        next_step=_("No report was returned."),
    ),
    "statements_to_answer": Card(
        title=_("Statements to answer"),
        icon="request_quote",
        page="visits_agencystatement",
        query="state__exact=SENT",
        next_step=_("No statement waits for your answer. They come in the first days of each month."),
    ),
    "statements_to_approve": Card(
        title=_("Statements to approve"),
        icon="request_quote",
        page="visits_agencystatement",
        query="state__in=SENT,ACCEPTED",
        next_step=_("No statement of an agency awaits approval."),
    ),
    "disputes_to_answer": Card(
        title=_("Disputed lines to answer"),
        icon="feedback",
        page="visits_statementline",
        query="state__exact=DISPUTED",
        next_step=_("No agency disputes a line of its statement."),
    ),
    "reports_to_review": Card(
        title=_("Reports to review"),
        icon="fact_check",
        page="visits_visitorder",
        query="state__in=REPORTED,UNDER_REVIEW",
        next_step=_("Every report is reviewed."),
    ),
    "letter_answers": Card(
        title=_("Answers to letters"),
        icon="contact_mail",
        page="visits_letteranswer",
        query="handled_at__isnull=True",
        next_step=_("Every answer to a letter is handled."),
    ),
    "certificates_due": Card(
        title=_("Certificates of return due"),
        icon="assignment_return",
        page="visits_placement",
        query="certificate_ref__exact=&certificate_due_on__isnull=False",
        next_step=_("No certificate of return or deletion is due."),
    ),
    "runs_in_trouble": Card(
        title=_("Runs in trouble"),
        icon="report",
        page="cases_evaluationrun",
        next_step=_("Every run finished, nothing was set aside."),
    ),
    "intake_in_trouble": Card(
        title=_("Files with rejected rows"),
        icon="upload_file",
        page="cases_intakefile",
        query="rejected_count__gt=0",
        next_step=_("The files of this week came in whole."),
    ),
    "doubts_open": Card(
        title=_("Doubtful values"),
        icon="rule",
        page="cases_doubtfulcell",
        query="state__exact=OPEN",
        next_step=_("No value of a file waits for a look."),
    ),
    "merges_to_decide": Card(
        title=_("Suggested merges"),
        icon="merge",
        page="cases_personmerge",
        query="state__in=SUGGESTED,PART_SUGGESTED",
        next_step=_("No borrowers wait to be compared. Those with one identity number come here."),
    ),
    "crew_to_confirm": Card(
        title=_("Crew members to confirm"),
        icon="badge",
        page="visits_crewmember",
        query="state__exact=ENTERED",
        next_step=_("No crew member awaits confirmation."),
    ),
    "papers_to_confirm": Card(
        title=_("Agencies' papers to confirm"),
        icon="description",
        page="visits_agencycredential",
        query="state__exact=ENTERED",
        next_step=_("No paper awaits confirmation."),
    ),
    "prices_to_confirm": Card(
        title=_("Prices to confirm"),
        icon="price_change",
        page="visits_pricecard",
        query="state__exact=ENTERED",
        next_step=_("No price awaits confirmation."),
    ),
    "papers_expiring": Card(
        title=_("Agencies' papers that end within 30 days"),
        icon="event_busy",
        page="visits_agencycredential",
        query="expires=soon",
        next_step=_("Every agency has papers for the next 30 days."),
    ),
    "deliveries_dead": Card(
        title=_("Deliveries given up"),
        icon="error",
        page="outbox_webhookdelivery",
        query="state__exact=DEAD",
        next_step=_("Every event reached its address or is on its way."),
    ),
}

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

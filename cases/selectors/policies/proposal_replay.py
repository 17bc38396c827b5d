"""What a version's table of proposals would have given for verifications that are recorded, beside the version in force."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from cases.enums import AccountStatus, PlanState, Section
from cases.models import Account, AccountFacts, PolicyVersion, RepaymentPlan, Verification
from cases.rules.decisions import AccountView, Advice, propose
from cases.rules.policy.proposal_table import HOUSE_TABLE, ProposalTable, read_table
from cases.rules.verification import Established, SectionFact
from cases.selectors.policies.versions import version_in_force_beside

# Days of verifications that are replayed, and how many at most, the newest first (2,000 take about a second).
USUAL_DAYS: Final = 90
MOST_DAYS: Final = 365
MOST_REPLAYED: Final = 2_000
# Changed ones in one answer.
MOST_CHANGED: Final = 100
_ENDED: Final = (AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One verification and what both tables give for the account of the borrower that was overdue longest."""

    verification: Verification
    before: Advice
    after: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """
    The replay of the verifications of some days.

    `against` is the version in force, None if the house's table was taken. `flows` counts verifications by their result
    before and after (`result_of`); `changed` holds the newest that differ in anything, MOST_CHANGED at most.
    `by_present_figures` counts those whose account's figures of the day are no longer kept: they are judged by today's
    figures, as if overdue.
    """

    days: int
    against: PolicyVersion | None
    replayed: int
    is_cut: bool
    by_present_figures: int
    flows: Mapping[tuple[tuple[str, ...], tuple[str, ...]], int]
    changed_count: int
    changed: tuple[Replayed, ...]


def replay_proposals(*, version: PolicyVersion, user: Any, at: datetime, days: int = USUAL_DAYS) -> Replay:
    """
    Return what `version` would have proposed for the verifications of the last `days` days that `user` may see.

    The verifications are those of the segment that the version would judge. Five queries, whatever their number.
    """
    found = _verifications(version, user, since=at - timedelta(days=days))
    is_cut, recorded = len(found) > MOST_REPLAYED, found[:MOST_REPLAYED]
    views, present = _views(recorded, user)
    against = version_in_force_beside(version=version)
    tables = (read_table(against.body) if against else HOUSE_TABLE, read_table(version.body))
    each = [
        Replayed(
            verification=verification,
            before=_advice(verification, views[verification.pk], tables[0]),
            after=_advice(verification, views[verification.pk], tables[1]),
        )
        for verification in recorded
        if verification.pk in views
    ]
    changed = [one for one in each if _followed(one.before) != _followed(one.after)]
    return Replay(
        days=days,
        against=against,
        replayed=len(each),
        is_cut=is_cut,
        by_present_figures=len(present),
        flows=Counter((result_of(one.before), result_of(one.after)) for one in each),
        changed_count=len(changed),
        changed=tuple(changed[:MOST_CHANGED]),
    )


def result_of(advice: Advice) -> tuple[str, ...]:
    """Return the kinds of decisions that an advice proposes, or its next step where it proposes none."""
    return tuple(str(proposal.kind) for proposal in advice.proposals) or (advice.next_step,)


def _followed(advice: Advice) -> Any:
    return advice.proposals, advice.reasons, advice.next_step


def _verifications(version: PolicyVersion, user: Any, *, since: datetime) -> list[Verification]:
    rows: QuerySet[Verification] = Verification.objects.visible_to(user).filter(created_at__gte=since)
    segment = version.policy.segment
    if segment:
        rows = rows.filter(Exists(Account.objects.filter(borrower=OuterRef("borrower"), segment=segment)))
    else:
        rows = rows.filter(case__policy_version__policy__segment="")
    return list(rows.select_related("case").prefetch_related("facts").order_by("-pk")[: MOST_REPLAYED + 1])


def _views(recorded: Iterable[Verification], user: Any) -> tuple[dict[int, AccountView], set[int]]:
    """Return the account of each verification as it stood on its day, and which of them only today's figures are known of."""
    days = {verification.pk: localdate(verification.created_at) for verification in recorded}
    kept = _kept(recorded, days, user)
    views = {
        verification.pk: kept[days[verification.pk], verification.borrower_id]
        for verification in recorded
        if (days[verification.pk], verification.borrower_id) in kept
    }
    missing = [verification for verification in recorded if verification.pk not in views]
    now = _now({verification.borrower_id for verification in missing}, user)
    present = {each.pk: now[each.borrower_id] for each in missing if each.borrower_id in now}
    return views | present, set(present)


def _kept(recorded: Iterable[Verification], days: Mapping[int, date], user: Any) -> dict[tuple[date, int], AccountView]:
    asked: dict[date, list[int]] = {}
    for verification in recorded:
        asked.setdefault(days[verification.pk], []).append(verification.borrower_id)
    if not asked:
        return {}
    wanted = reduce(or_, (Q(business_date=day, borrower_id__in=who) for day, who in asked.items()))
    rows = AccountFacts.objects.visible_to(user).filter(wanted).exclude(status__in=_ENDED)
    found: dict[tuple[date, int], AccountView] = {}
    for facts in rows.order_by("business_date", "borrower_id", "-days_past_due", "account_id"):
        found.setdefault((facts.business_date, facts.borrower_id), _view(facts))
    return found


def _now(borrowers: Iterable[int], user: Any) -> dict[int, AccountView]:
    running = RepaymentPlan.objects.filter(account=OuterRef("pk"), state=PlanState.ACTIVE)
    accounts = Account.objects.visible_to(user).filter(borrower_id__in=borrowers)
    found: dict[int, AccountView] = {}
    for account in accounts.annotate(on_active_plan=Exists(running)).order_by("borrower_id", "-days_past_due", "pk"):
        found.setdefault(account.borrower_id, _view(account, as_if_overdue=True))
    return found


def _view(row: Any, *, as_if_overdue: bool = False) -> AccountView:
    ended = as_if_overdue and row.status in _ENDED
    return AccountView(
        days_past_due=max(row.days_past_due, 1) if as_if_overdue else row.days_past_due,
        arrears_amount=max(row.arrears_amount, Decimal("0.01")) if as_if_overdue else row.arrears_amount,
        outstanding_principal=row.outstanding_principal,
        annual_rate=row.annual_rate,
        credit_limit=row.credit_limit,
        status=AccountStatus.ACTIVE if ended else row.status,
        on_active_plan=bool(row.on_active_plan) and not as_if_overdue,
    )


def _advice(verification: Verification, account: AccountView, table: ProposalTable) -> Advice:
    read = {
        fact.section: SectionFact(verdict=fact.verdict, confidence=fact.confidence, has_evidence=bool(fact.evidence))
        for fact in verification.facts.all()
    }
    nothing = SectionFact()
    facts = Established(
        identity=read.get(Section.IDENTITY, nothing),
        capacity=read.get(Section.CAPACITY, nothing),
        cause=read.get(Section.CAUSE, nothing),
        residence=read.get(Section.RESIDENCE, nothing),
        right_party_met=verification.right_party_met,
        cooperative=verification.cooperative,
    )
    return propose(facts=facts, account=account, findings=verification.findings, table=table)

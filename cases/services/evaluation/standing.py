"""
The standing job: rewards and restrictions that the payments of accounts earn, for a range of borrowers in set-based SQL.

Rewards within the policy's caps are approved under the policy version, which people approved before; beyond the caps they
wait for a person. Restrictions always wait for a person.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from backoffice.audit.services import record
from backoffice.core.batches import looked_up_by_index
from cases.enums import DecisionKind, Measure
from cases.models import AccountFacts
from cases.services.evaluation.earlier_pass import earlier_pass
from cases.services.evaluation.facts import lacks_facts, write_facts
from cases.services.evaluation.run_locks import require_transaction
from cases.services.evaluation.standing_range import StandingRange
from cases.services.evaluation.triggers import RangeOutcome, RangePreview
from cases.services.policies.policy_book import PolicyBook


def preview_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangePreview:
    """
    Write the facts of the accounts that are not overdue and count how many would be rewarded or restricted.

    An account counts once for each measure. The trigger job of the date has written the facts of overdue accounts; where it
    has not, they are written here. Runs in the caller's transaction; the number of statements depends on the book alone.

    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    write_facts(business_date=business_date, lower=lower, upper=upper, scope="current")
    if lacks_facts(business_date=business_date, lower=lower, upper=upper, scope="overdue"):
        write_facts(business_date=business_date, lower=lower, upper=upper, scope="overdue")
    ranges = _ranges(book, business_date, lower, upper, at)
    with looked_up_by_index():
        judged = _facts(business_date, lower, upper).count()
        rewarded = sum(each.count_accounts(each.policy.rewards) for each in ranges)
        restricted = sum(each.count_accounts(each.policy.restrictions) for each in ranges)
    return RangePreview(
        accounts=judged,
        effects={Measure.REWARDED: rewarded, Measure.RESTRICTED: restricted},
        of={Measure.REWARDED: judged, Measure.RESTRICTED: judged},
    )


def apply_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Write the decisions that follow from the facts of a previewed range, in the caller's transaction.

    Each page of the book rewards and restricts its own accounts; of several rules with the same kind of effect the first
    that holds counts. The number of statements depends on the book alone. Called again it writes nothing new.

    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    judged = proposed = 0
    with looked_up_by_index():
        for each in _ranges(book, business_date, lower, upper, at):
            number, limits = each.judged()
            judged += number
            proposed += _judge(each, judged=number, limits=limits)
    return RangeOutcome(accounts=judged, hits=proposed, proposed=proposed)


def evaluate_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Preview and apply a range at once, in the caller's transaction: for few borrowers, without a circuit breaker.

    :raises RuntimeError: if no transaction is open.
    """
    preview_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at)
    return apply_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at)


def _judge(work: StandingRange, *, judged: int, limits: Decimal) -> int:
    """
    Propose the rewards and restrictions of one page, within its caps; return how many.

    `judged` accounts were, and `limits` is the sum of their limits in the policy's currency.
    """
    policy = work.policy
    budget = None if policy.caps.max_exposure_share is None else policy.caps.max_exposure_share * limits
    # A second pass of the date has what the first one left of each cap.
    earlier = earlier_pass(
        policy=policy,
        version=work.version,
        business_date=work.business_date,
        lower=work.lower,
        upper=work.upper,
    )
    proposed, raised = 0, earlier.raised
    for rule in policy.rewards:
        if rule.effect.kind == DecisionKind.LIMIT_INCREASE:
            number, more = work.raise_limits(rule, budget=budget, used=raised)
            raised += more
        else:
            number = work.lower_rates(rule)
        proposed += number
    approved = work.approve(most=_share(policy.caps.max_share_rewarded, judged) - earlier.rewarded) if proposed else 0
    most = _share(policy.caps.max_share_restricted, judged)
    left = {rule.effect.kind: most - earlier.restricted[rule.effect.kind] for rule in policy.restrictions}
    restricted = 0
    for rule in policy.restrictions:
        taken = work.restrict(rule, most=left[rule.effect.kind])
        left[rule.effect.kind] -= taken
        restricted += taken
    if proposed or restricted:
        record(
            actor=None,
            action="standing.judged",
            subject=work.version,
            at=work.at,
            body={
                "business_date": work.business_date,
                "borrowers": [work.lower, work.upper],
                "judged": judged,
                "rewards": proposed,
                "approved": approved,
                "raised": f"{raised:.2f}",
                "budget": None if budget is None else f"{budget:.2f}",
                "restrictions": restricted,
            },
        )
    return proposed + restricted


def _facts(business_date: date, lower: int, upper: int) -> "QuerySet[AccountFacts]":
    facts: QuerySet[AccountFacts] = AccountFacts.objects.filter(
        business_date=business_date, borrower_id__gte=lower, borrower_id__lt=upper
    )
    return facts


def _ranges(book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> list[StandingRange]:
    """Return a range for each page of the book, over the facts that the page judges."""
    facts = _facts(business_date, lower, upper)
    return [
        StandingRange(
            policy=page.rules,
            version=page.version,
            business_date=business_date,
            lower=lower,
            upper=upper,
            facts=facts.filter(book.accounts_q(page)),
            at=at,
        )
        for page in book.pages
    ]


def _share(share: Decimal, judged: int) -> int:
    """Return how many accounts a share (0..1) of those judged allows: at least one, unless the share is 0."""
    return max(int(share * judged), 1) if share > 0 else 0

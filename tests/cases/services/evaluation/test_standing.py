"""Rewards under the policy, restrictions before a person, each in set-based statements."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from backoffice.outbox.models import OutboxEvent
from cases.models import Account, Decision, PolicyVersion, TermsChange
from cases.services.evaluation.facts import write_facts
from cases.services.evaluation.standing import evaluate_range
from cases.services.policies.policy_book import book_of
from tests.factories.casework import AT, TODAY
from tests.factories.portfolio import make_overdue
from tests.factories.standing import CUT, FREEZE, LOWER, RAISE, judge, make_good, version_with


def test_evaluate_range_rewards_under_the_policy_and_instructs(shanghai):
    account = make_good(shanghai)
    version = version_with(rewards=[RAISE, LOWER])

    outcome = judge(version)

    assert (outcome.accounts, outcome.proposed) == (1, 2)
    rows = Decision.objects.order_by("kind").values_list(
        "kind", "state", "approved_under", "approved_by", "terms", "reasons"
    )
    assert list(rows) == [
        ("LIMIT_INCREASE", "APPROVED", version.pk, None, {"before": "60000.00", "limit": "66000.00"}, ["GAIN0"]),
        ("RATE_REDUCTION", "APPROVED", version.pk, None, {"before": "0.18000", "rate": "0.17500"}, ["GAIN1"]),
    ]
    lines = TermsChange.objects.order_by("field").values_list("field", "before", "after", "opt_in_required")
    assert list(lines) == [("LIMIT", "60000.00", "66000.00", True), ("RATE", "0.18000", "0.17500", False)]
    keys = set(OutboxEvent.objects.filter(topic="terms.changed").values_list("key", flat=True))
    assert keys == set(TermsChange.objects.values_list("effect_key", flat=True))
    account.refresh_from_db()
    assert account.credit_limit == Decimal(60000)


def test_evaluate_range_again_writes_nothing(shanghai):
    make_good(shanghai)
    make_overdue(territory=shanghai)
    version = version_with(rewards=[RAISE], restrictions=[CUT])
    judge(version)
    before = (Decision.objects.count(), TermsChange.objects.count(), OutboxEvent.objects.count())

    outcome = judge(version, at=AT + timedelta(hours=1))

    assert outcome.proposed == 0
    assert (Decision.objects.count(), TermsChange.objects.count(), OutboxEvent.objects.count()) == before


def test_evaluate_range_leaves_more_than_the_cap_to_a_person(shanghai):
    for _number in range(5):
        make_good(shanghai)

    judge(version_with(rewards=[RAISE], max_share_rewarded="0.5"))

    assert set(Decision.objects.values_list("state", flat=True)) == {"PROPOSED"}
    assert (TermsChange.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def test_evaluate_range_only_proposes_restrictions(shanghai):
    account = make_overdue(territory=shanghai)

    judge(version_with(restrictions=[FREEZE, CUT]))

    rows = Decision.objects.order_by("kind").values_list("account", "kind", "state", "expires_on")
    assert list(rows) == [
        (account.pk, "FREEZE", "PROPOSED", TODAY + timedelta(days=180)),
        (account.pk, "LIMIT_CUT", "PROPOSED", TODAY + timedelta(days=365)),
    ]
    assert TermsChange.objects.count() == 0


def test_evaluate_range_restricts_at_most_the_cap_longest_overdue_first(shanghai):
    for days in (70, 300, 100, 90):
        make_overdue(territory=shanghai, days=days)

    judge(version_with(restrictions=[FREEZE], max_share_restricted="0.5"))

    assert set(Decision.objects.values_list("account__days_past_due", flat=True)) == {300, 100}


@pytest.mark.parametrize("count", [1, 3])
def test_evaluate_range_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries, count):
    version = version_with(rewards=[RAISE, LOWER], restrictions=[FREEZE, CUT])
    for _number in range(count):
        make_good(shanghai)
        make_overdue(territory=shanghai)
    with transaction.atomic():
        write_facts(business_date=TODAY, lower=0, upper=10**9, scope="overdue")

    # how to join (2), how to look up (4), facts (4), whether any are missing, judged, two counts; judged, what an earlier pass did, whose limits rise, two rewards, how many gain, states, measures (7) with lines and events, two restrictions,
    # two of the audit
    with transaction.atomic(), django_assert_num_queries(33):
        evaluate_range(book=book_of({"": version}), business_date=TODAY, lower=0, upper=10**9, at=AT)

    assert Account.objects.count() == 2 * count
    assert PolicyVersion.objects.get() == version
    assert Decision.objects.count() == 4 * count

"""A second pass of the standing job on one date has what the first pass left of each cap."""

from datetime import timedelta
from decimal import Decimal

from cases.models import Account, Decision
from cases.rules.policy.parser import parse_policy
from cases.services.evaluation.earlier_pass import EarlierPass, earlier_pass
from tests.factories.casework import AT, TODAY
from tests.factories.portfolio import make_overdue
from tests.factories.standing import CUT, FREEZE, LOWER, RAISE, judge, make_good, version_with

LATER = AT + timedelta(hours=1)


def test_restrictions_of_both_passes_keep_one_cap(shanghai):
    for days in (70, 300, 100, 90):
        make_overdue(territory=shanghai, days=days)
    version = version_with(restrictions=[FREEZE, CUT], max_share_restricted="0.5")

    judge(version)
    judge(version, at=LATER)

    kinds = Decision.objects.order_by("kind", "-account__days_past_due").values_list("kind", "account__days_past_due")
    assert list(kinds) == [("FREEZE", 300), ("FREEZE", 100), ("LIMIT_CUT", 300), ("LIMIT_CUT", 100)]
    judge(version, on=TODAY + timedelta(days=1), at=AT + timedelta(days=1))
    assert Decision.objects.count() == 8


def test_rewards_beyond_the_cap_of_both_passes_wait_for_a_person(shanghai):
    late = make_overdue(territory=shanghai)
    early = make_good(shanghai)
    version = version_with(rewards=[RAISE], max_share_rewarded="0.5")

    judge(version)
    Account.objects.filter(pk=late.pk).update(days_past_due=0, arrears_amount=0)
    judge(version, at=LATER)

    assert dict(Decision.objects.values_list("account", "state")) == {early.pk: "APPROVED", late.pk: "PROPOSED"}


def test_earlier_pass_counts_by_kind_and_in_the_policys_currency(shanghai):
    make_good(shanghai, credit_limit=Decimal(44_000), currency="TWD")
    make_overdue(territory=shanghai)
    version = version_with(rewards=[RAISE, LOWER], restrictions=[FREEZE])
    judge(version)

    def done(on, of=version):
        policy = parse_policy(body=of.body)
        return earlier_pass(policy=policy, version=of, business_date=on, lower=0, upper=10**9)

    nothing = EarlierPass(raised=Decimal(0), rewarded=0, restricted={"LEGAL": 0, "FREEZE": 0, "LIMIT_CUT": 0})
    found = done(TODAY)
    assert (found.raised, found.rewarded) == (Decimal(1000), 1)
    assert found.restricted == {"LEGAL": 0, "FREEZE": 1, "LIMIT_CUT": 0}
    assert done(TODAY + timedelta(days=1)) == nothing
    assert done(TODAY, version_with(rewards=[RAISE])) == nothing

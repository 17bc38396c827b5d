"""Recorded verifications under a version's table, beside the version in force."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.models import Case, Decision, PolicyVersion
from cases.selectors.policies.proposal_replay import replay_proposals, result_of
from tests.factories.casework import AT, HARDSHIP, PARTLY, TODAY, WILFUL, make_case, verify
from tests.factories.facts import make_facts
from tests.factories.policy import make_version, policy_body
from tests.factories.portfolio import make_overdue

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=10)


@pytest.fixture
def in_force() -> PolicyVersion:
    return make_version()


@pytest.fixture
def draft(in_force: PolicyVersion) -> PolicyVersion:
    """A draft that gives 12 instalments where the version in force gives 24, and grace no more."""
    body = policy_body()["proposals"]
    partly = next(row for row in body if row["code"] == "PART_OF_MEANS")
    partly["result"]["decisions"] = [{"kind": "PLAN", "instalments": 12}]
    told = next(row for row in body if row["code"] == "WITHHELD_PROVEN")
    told["result"]["decisions"] = told["result"]["decisions"][:1]
    return make_version(state="DRAFT", number=2, proposals=body)


def verified(territory: Any, facts: Any, *, segment: str = "", **fields: Any) -> Any:
    account = make_overdue(territory=territory)
    if segment:
        account.segment = segment
        account.save(update_fields=["segment"])
    version = PolicyVersion.objects.order_by("pk").first()
    return verify(case=make_case(account=account, policy_version=version), facts=facts, **fields)


def test_replay_counts_what_changes_and_names_it(shanghai: Any, risk_manager: Any, draft: PolicyVersion) -> None:
    for facts in (PARTLY, PARTLY, HARDSHIP, WILFUL):
        verified(shanghai, facts)
    before = (Decision.objects.count(), list(Case.objects.values_list("stage", "updated_at")))

    found = replay_proposals(version=draft, user=risk_manager, at=LATER)

    assert dict(found.flows) == {
        (("PLAN",), ("PLAN",)): 2,
        (("SPECIAL_CARE",), ("SPECIAL_CARE",)): 1,
        (("LEGAL", "FREEZE"), ("LEGAL",)): 1,
    }
    assert (found.replayed, found.changed_count, found.against.number if found.against else None) == (4, 3, 1)
    assert [(result_of(each.before), result_of(each.after)) for each in found.changed] == [
        (("LEGAL", "FREEZE"), ("LEGAL",)),
        (("PLAN",), ("PLAN",)),
        (("PLAN",), ("PLAN",)),
    ]
    plans = [(each.before.proposals[0], each.after.proposals[0]) for each in found.changed[1:]]
    assert {(old.terms["instalments"], new.terms["instalments"]) for old, new in plans} == {(24, 12)}
    # Nothing follows from it.
    assert (Decision.objects.count(), list(Case.objects.values_list("stage", "updated_at"))) == before


def test_a_version_replayed_against_itself_changes_nothing(
    shanghai: Any, risk_manager: Any, in_force: PolicyVersion
) -> None:
    verified(shanghai, PARTLY)

    found = replay_proposals(version=in_force, user=risk_manager, at=LATER)

    assert (found.replayed, found.changed_count, found.changed) == (1, 0, ())


def test_the_account_is_judged_as_it_stood_on_the_day(shanghai: Any, risk_manager: Any, draft: PolicyVersion) -> None:
    verification = verified(shanghai, PARTLY)
    account = verification.borrower.accounts.get()
    make_facts(account=account, business_date=TODAY, on_active_plan=True, days_past_due=95, arrears_amount=Decimal(9))
    account.days_past_due, account.arrears_amount = 0, Decimal(0)
    account.save(update_fields=["days_past_due", "arrears_amount"])

    kept = replay_proposals(version=draft, user=risk_manager, at=LATER)
    verification.borrower.accounts.get().facts.all().delete()
    now = replay_proposals(version=draft, user=risk_manager, at=LATER)

    assert (dict(kept.flows), kept.by_present_figures) == ({(("WATCH_PLAN",), ("WATCH_PLAN",)): 1}, 0)
    # Paid since: judged as if overdue, or no change of the table would show.
    assert (dict(now.flows), now.by_present_figures) == ({(("PLAN",), ("PLAN",)): 1}, 1)


def test_only_verifications_that_are_seen_and_of_these_days_are_replayed(
    shanghai: Any, chengdu: Any, officer: Any, draft: PolicyVersion
) -> None:
    mine = verified(shanghai, PARTLY)
    verified(chengdu, PARTLY)
    verified(shanghai, PARTLY, at=AT - timedelta(days=40), verified_on=TODAY - timedelta(days=40))

    month = replay_proposals(version=draft, user=officer, at=LATER, days=30)
    longer = replay_proposals(version=draft, user=officer, at=LATER, days=90)

    assert ([each.verification for each in month.changed], month.replayed) == ([mine], 1)
    assert longer.replayed == 2


def test_a_segments_version_is_tried_on_the_segments_borrowers(
    shanghai: Any, risk_manager: Any, draft: PolicyVersion
) -> None:
    own = make_version(state="DRAFT", number=1, segment="GOLD", proposals=draft.body["proposals"])
    gold = verified(shanghai, PARTLY, segment="GOLD")
    verified(shanghai, PARTLY)

    found = replay_proposals(version=own, user=risk_manager, at=LATER)

    assert ([each.verification for each in found.changed], found.replayed) == ([gold], 1)


def test_without_a_version_in_force_the_houses_table_stands_beside(shanghai: Any, risk_manager: Any) -> None:
    draft = make_version(state="DRAFT", proposals=policy_body()["proposals"][-1:])
    verified(shanghai, PARTLY)

    found = replay_proposals(version=draft, user=risk_manager, at=LATER)

    assert (found.against, dict(found.flows)) == (None, {(("PLAN",), ("CONTINUE_CONTACT",)): 1})


@pytest.mark.parametrize("count", [1, 3])
def test_replay_takes_five_queries(
    shanghai: Any, risk_manager: Any, draft: PolicyVersion, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        verified(shanghai, PARTLY)
    draft = PolicyVersion.objects.select_related("policy").get(pk=draft.pk)

    # verifications, their facts, figures of their days, accounts of those without, the version in force
    with django_assert_num_queries(5):
        replay_proposals(version=draft, user=risk_manager, at=LATER)

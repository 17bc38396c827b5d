"""Policies in force: now, on a later day, by segment, rolled back, and the terms that record it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from cases.models import EvaluationRun, Policy, PolicyTerm, PolicyVersion
from cases.selectors.policies.versions import scheduled_versions, terms_of, versions_on
from cases.services.policies import versions as policies
from tests.factories.policy import make_version, policy_body
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db


DAY = timedelta(days=1)


@pytest.fixture
def approved(risk_manager: Any, general_approver: Any) -> Any:
    """Return a maker of approved versions."""

    def make(segment: str = "") -> PolicyVersion:
        version = policies.draft_version(body=policy_body(), note="made", segment=segment, actor=risk_manager, at=AT)
        policies.submit_version(version=version, actor=risk_manager, at=AT)
        return policies.approve_version(version=version, actor=general_approver, at=AT)

    return make


def activate(version: PolicyVersion, general_approver: Any, *, day: date = TODAY, today: date = TODAY) -> PolicyVersion:
    return policies.activate_version(
        version=version, effective_from=day, business_date=today, actor=general_approver, at=AT
    )


def numbers_on(day: date) -> dict[str, int]:
    return {segment: version.number for segment, version in versions_on(business_date=day).items()}


def test_a_segment_has_numbers_and_a_version_in_force_of_its_own(approved: Any, general_approver: Any) -> None:
    everybody, newcomers = activate(approved(), general_approver), activate(approved("新客"), general_approver)

    assert (everybody.number, newcomers.number) == (1, 1)
    assert policies.active_version() == everybody
    assert policies.active_version(segment="新客") == newcomers
    assert policies.numbered_version(number=1, segment="新客") == newcomers
    with pytest.raises(Missing):
        policies.active_version(segment="other")


def test_a_version_replaced_on_its_first_day_keeps_a_term_without_days(approved: Any, general_approver: Any) -> None:
    first, second = approved(), approved()
    activate(first, general_approver)

    activate(second, general_approver)

    assert list(
        terms_of(policy_id=first.policy_id).values_list("version__number", "effective_from", "effective_until")
    ) == [
        (2, TODAY, None),
        (1, TODAY, TODAY),
    ]
    assert numbers_on(TODAY) == {"": 2}


def test_a_version_for_a_day_to_come_waits_for_it(approved: Any, general_approver: Any) -> None:
    activate(approved(), general_approver)
    waiting = activate(approved(), general_approver, day=TODAY + 3 * DAY)

    assert (waiting.state, waiting.effective_from) == ("APPROVED", TODAY + 3 * DAY)
    assert list(scheduled_versions(policy_id=waiting.policy_id)) == [waiting]
    assert policies.activate_due(business_date=TODAY + 2 * DAY, at=AT) == []
    assert policies.activate_due(business_date=TODAY + 3 * DAY, at=AT) == [waiting]
    assert policies.activate_due(business_date=TODAY + 3 * DAY, at=AT) == []
    assert [numbers_on(TODAY + days * DAY) for days in (2, 3)] == [{"": 1}, {"": 2}]
    assert policies.active_version() == waiting


def test_activate_due_takes_one_query_when_nothing_is_due(
    approved: Any, general_approver: Any, django_assert_num_queries: Any
) -> None:
    activate(approved(), general_approver)

    with django_assert_num_queries(1):
        assert policies.activate_due(business_date=TODAY, at=AT) == []


def test_of_several_due_versions_the_latest_day_wins(approved: Any, general_approver: Any) -> None:
    activate(approved(), general_approver)
    late = activate(approved(), general_approver, day=TODAY + 5 * DAY)
    early = activate(approved(), general_approver, day=TODAY + 2 * DAY)

    assert policies.activate_due(business_date=TODAY + 9 * DAY, at=AT) == [early, late]

    assert [numbers_on(TODAY + days * DAY) for days in (1, 2, 4, 5, 9)] == [{"": n} for n in (1, 3, 3, 2, 2)]
    assert set(PolicyVersion.objects.values_list("number", "state")) == {(1, "RETIRED"), (2, "ACTIVE"), (3, "RETIRED")}


def test_a_scheduled_version_can_be_moved_and_called_off(approved: Any, general_approver: Any) -> None:
    waiting = activate(approved(), general_approver, day=TODAY + 3 * DAY)

    activate(waiting, general_approver, day=TODAY + 4 * DAY)
    assert policies.activate_due(business_date=TODAY + 3 * DAY, at=AT) == []
    policies.retire_version(version=waiting, reason="no longer wanted", actor=general_approver, at=AT)

    assert policies.activate_due(business_date=TODAY + 9 * DAY, at=AT) == []
    assert (waiting.state, waiting.review_note) == ("RETIRED", "no longer wanted")


def test_a_version_does_not_begin_before_a_day_that_was_judged(approved: Any, general_approver: Any) -> None:
    first, second = activate(approved(), general_approver, day=TODAY - 9 * DAY), approved()
    EvaluationRun.objects.create(
        job="TRIGGERS", business_date=TODAY, policy_version=first, started_at=AT, updated_at=AT
    )

    with pytest.raises(InvalidInput) as caught:
        activate(second, general_approver, day=TODAY - DAY)

    assert (caught.value.field, numbers_on(TODAY - DAY), numbers_on(TODAY)) == ("effective_from", {"": 1}, {"": 1})
    assert activate(second, general_approver, day=TODAY).state == "ACTIVE"


def test_a_due_version_begins_with_the_last_day_judged(approved: Any, general_approver: Any) -> None:
    first, second = activate(approved(), general_approver), approved()
    activate(second, general_approver, day=TODAY + DAY)
    EvaluationRun.objects.create(
        job="TRIGGERS", business_date=TODAY + 3 * DAY, policy_version=first, started_at=AT, updated_at=AT
    )

    policies.activate_due(business_date=TODAY + 3 * DAY, at=AT)

    assert [numbers_on(TODAY + days * DAY) for days in (2, 3)] == [{"": 1}, {"": 2}]


def test_roll_back_puts_an_old_version_into_force_again(approved: Any, general_approver: Any) -> None:
    first = activate(approved(), general_approver, day=TODAY - 9 * DAY)
    activate(approved(), general_approver, day=TODAY - 4 * DAY)

    back = policies.roll_back(
        version=first, reason="too many cases", effective_from=TODAY, business_date=TODAY, actor=general_approver, at=AT
    )

    assert back.state == "ACTIVE"
    assert [numbers_on(TODAY - days * DAY) for days in (9, 4, 0)] == [{"": 1}, {"": 2}, {"": 1}]
    term = PolicyTerm.objects.order_by("pk").last()
    assert term is not None
    assert (term.version, term.reason, term.set_by) == (first, "too many cases", general_approver)
    entry = AuditEntry.objects.order_by("sequence").last()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("policy.activated", str(first.pk))


def test_roll_back_to_a_day_to_come_waits_for_it(approved: Any, general_approver: Any) -> None:
    first = activate(approved(), general_approver)
    activate(approved(), general_approver)

    policies.roll_back(
        version=first,
        reason="from Monday",
        effective_from=TODAY + DAY,
        business_date=TODAY,
        actor=general_approver,
        at=AT,
    )

    assert (first.state, policies.active_version().number) == ("APPROVED", 2)
    policies.activate_due(business_date=TODAY + DAY, at=AT)
    term = PolicyTerm.objects.order_by("pk").last()
    assert term is not None
    assert (term.version, term.reason) == (first, "from Monday")


def test_roll_back_asks_for_a_reason_a_right_and_a_former_term(
    approved: Any, general_approver: Any, risk_manager: Any, person: Any
) -> None:
    first, never = approved(), approved()
    activate(first, general_approver)
    activate(approved(), general_approver)
    policies.retire_version(version=never, reason="unused", actor=general_approver, at=AT)
    asked: dict[str, Any] = {"effective_from": TODAY, "business_date": TODAY, "at": AT}

    with pytest.raises(InvalidInput):
        policies.roll_back(version=first, reason=" ", actor=general_approver, **asked)
    with pytest.raises(NotAllowed):
        policies.roll_back(version=first, reason="x", actor=risk_manager, **asked)
    with pytest.raises(InvalidInput):
        policies.roll_back(version=never, reason="x", actor=general_approver, **asked)
    with pytest.raises(StateConflict):
        policies.roll_back(version=policies.active_version(), reason="x", actor=general_approver, **asked)
    proposer = person("APPROVER", name="proposer", all_territories=True)
    PolicyVersion.objects.filter(pk=first.pk).update(proposed_by=proposer)
    with pytest.raises(SelfApproval):
        policies.roll_back(version=first, reason="x", actor=proposer, **asked)

    assert policies.active_version().number == 3


def test_the_policy_of_everybody_else_cannot_be_left_empty(approved: Any, general_approver: Any) -> None:
    everybody, newcomers = activate(approved(), general_approver), activate(approved("新客"), general_approver)

    with pytest.raises(InvalidInput):
        policies.retire_version(version=everybody, reason="x", business_date=TODAY, actor=general_approver, at=AT)
    policies.retire_version(
        version=newcomers, reason="pilot ended", business_date=TODAY + DAY, actor=general_approver, at=AT
    )

    assert [numbers_on(TODAY + days * DAY) for days in (0, 1)] == [{"": 1, "新客": 1}, {"": 1}]


def test_the_database_keeps_terms_of_one_policy_apart() -> None:
    version = make_version()
    other = make_version(segment="新客")

    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyTerm.objects.create(
            policy=version.policy, version=version, effective_from=TODAY + DAY, created_at=AT, updated_at=AT
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyTerm.objects.create(
            policy=version.policy,
            version=version,
            effective_from=TODAY,
            effective_until=TODAY - DAY,
            created_at=AT,
            updated_at=AT,
        )
    PolicyTerm.objects.create(
        policy=version.policy,
        version=version,
        effective_from=TODAY - DAY,
        effective_until=TODAY,
        created_at=AT,
        updated_at=AT,
    )

    assert {other.policy.terms.count(), version.policy.terms.count()} == {1, 2}


def test_one_policy_a_segment() -> None:
    make_version()

    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(name="another", segment="", created_at=AT)


@pytest.mark.django_db(transaction=True)
def test_two_activations_at_once_leave_one_version_in_force(approved: Any, general_approver: Any) -> None:
    versions = [approved() for _one in range(4)]
    together = Barrier(len(versions))

    def put(version: PolicyVersion) -> str:
        try:
            together.wait(10)
            return activate(PolicyVersion.objects.get(pk=version.pk), general_approver).state
        finally:
            connection.close()

    with ThreadPoolExecutor(len(versions)) as pool:
        assert list(pool.map(put, versions)) == ["ACTIVE"] * 4

    assert sorted(PolicyVersion.objects.values_list("state", flat=True)) == ["ACTIVE", "RETIRED", "RETIRED", "RETIRED"]
    assert versions_on(business_date=TODAY)[""] == policies.active_version()
    assert PolicyTerm.objects.filter(effective_until__isnull=True).count() == 1


def test_the_migration_gives_terms_to_what_was_in_force_before_terms_were_kept() -> None:
    policy = Policy.objects.create(name="doorstep", created_at=AT)
    for number, state, day in (
        (1, "RETIRED", date(2026, 1, 1)),
        (2, "RETIRED", date(2026, 2, 1)),
        (3, "RETIRED", None),
        (4, "ACTIVE", date(2026, 2, 1)),
        (5, "RETIRED", date(2026, 9, 1)),
        (6, "DRAFT", None),
    ):
        PolicyVersion.objects.create(
            policy=policy, number=number, body={}, state=state, effective_from=day, created_at=AT, updated_at=AT
        )

    with connection.cursor() as cursor:
        cursor.execute(import_module("cases.migrations.0009_terms_of_policies_in_force").FILL)

    assert list(
        PolicyTerm.objects.order_by("pk").values_list("version__number", "effective_from", "effective_until")
    ) == [
        (1, date(2026, 1, 1), date(2026, 2, 1)),
        (2, date(2026, 2, 1), date(2026, 2, 1)),
        (4, date(2026, 2, 1), None),
    ]
    assert numbers_on(date(2026, 2, 1)) == {"": 4}

"""Decisions on people: by whom, on what, what they leave behind, and two at the same time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import translation

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import DoorstepError, InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from cases.models import Borrower, DifferentPeople, MergedBorrower, Person, PersonMerge
from cases.services.merges.decisions import approve_merge, keep_merge, refuse_merge, suggest_merge, undo_merge
from cases.services.people.suggestions import suggest_people
from tests.factories.people import make_sharing, merged, partition, suggested
from tests.factories.portfolio import AT, make_borrower

NUMBER = "999999198501017770"
OTHER = "999999198501018888"
LATER = AT + timedelta(hours=3, microseconds=7)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def second(person: Any) -> Any:
    return person("RISK_MANAGER", name="second")


def by_hand(one: Borrower, other: Borrower, *, actor: Any) -> PersonMerge:
    return suggest_merge(borrower=one, other_ref=other.external_ref, ground="DOCUMENT_SEEN", actor=actor, at=AT)


def refs(*borrowers: Borrower) -> list[str]:
    return sorted(borrower.external_ref for borrower in borrowers)


def test_approved_merge_makes_one_person_and_says_so_in_the_trail(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    alone = make_borrower(territory=shanghai, id_number=OTHER)
    merge = suggested(one, two)

    approve_merge(merge=merge, actor=risk_manager, at=LATER)

    assert partition() == [refs(one, two)]
    merge.refresh_from_db()
    assert (merge.state, merge.decided_by, merge.decided_at, merge.updated_at) == (
        "APPROVED",
        risk_manager,
        LATER,
        LATER,
    )
    person = Person.objects.get()
    assert person.created_at == LATER
    for borrower in (one, two, alone):
        borrower.refresh_from_db()
    assert list(Borrower.objects.all().of_person_of(one).order_by("pk")) == [one, two]
    assert list(Borrower.objects.all().of_person_of(alone)) == [alone]
    entry = AuditEntry.objects.get(action="personmerge.approved")
    assert (entry.actor_id, entry.subject_id, entry.body) == (
        risk_manager.pk,
        str(merge.pk),
        {"borrowers": [one.pk, two.pk], "cases_closed": [], "lapsed": 0, "person": person.pk},
    )


def test_merge_with_an_existing_person_joins_it_and_undo_gives_the_former_people_back(
    shanghai: Any, risk_manager: Any, second: Any
) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    three, four = make_sharing(territory=shanghai, number=OTHER)
    five = make_borrower(territory=shanghai, id_number="")
    merged(one, two, approver=risk_manager)
    merged(three, four, approver=risk_manager)
    before = dict(Borrower.objects.values_list("pk", "person_id"))
    joining = approve_merge(merge=by_hand(two, three, actor=second), actor=risk_manager, at=AT)
    approve_merge(merge=by_hand(four, five, actor=second), actor=risk_manager, at=AT)
    assert partition() == [refs(one, two, three, four, five)]
    assert sorted(joining.members.values_list("borrower_id", "former_person_id")) == [
        (two.pk, before[two.pk]),
        (three.pk, before[three.pk]),
    ]

    undo_merge(merge=joining, actor=second, at=LATER)

    assert dict(Borrower.objects.values_list("pk", "person_id")) == before | {five.pk: before[three.pk]}
    joining.refresh_from_db()
    assert (joining.state, joining.decided_by, joining.reviewed_by, joining.reviewed_at) == (
        "UNDONE",
        risk_manager,
        second,
        LATER,
    )
    assert list(DifferentPeople.objects.values_list("first_id", "second_id", "merge")) == [
        (two.pk, three.pk, joining.pk)
    ]
    assert AuditEntry.objects.get(action="personmerge.undone").body == {
        "borrowers": [one.pk, two.pk, three.pk, four.pk, five.pk],
        "pairs": 1,
        "people": 2,
    }


def test_former_person_of_other_borrowers_by_now_is_not_given_back(
    shanghai: Any, risk_manager: Any, second: Any
) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    three, four = make_sharing(territory=shanghai, number=OTHER)
    merged(one, two, approver=risk_manager)
    merged(three, four, approver=risk_manager)
    joining = approve_merge(merge=by_hand(two, three, actor=second), actor=risk_manager, at=AT)
    taken = joining.members.get(borrower=three).former_person
    others = make_sharing(territory=shanghai, number="")
    Borrower.objects.filter(pk__in=[other.pk for other in others]).update(person=taken)

    undo_merge(merge=joining, actor=second, at=LATER)

    assert partition() == sorted([refs(one, two), refs(three, four), refs(*others)])


def test_refused_borrowers_stay_people_by_themselves(shanghai: Any, risk_manager: Any) -> None:
    one, two, three = make_sharing(territory=shanghai, count=3)
    merge = suggested(one, two, three)

    refuse_merge(merge=merge, actor=risk_manager, at=LATER)

    assert partition() == []
    assert sorted(DifferentPeople.objects.values_list("first_id", "second_id", "created_at")) == [
        (one.pk, two.pk, LATER),
        (one.pk, three.pk, LATER),
        (two.pk, three.pk, LATER),
    ]
    merge.refresh_from_db()
    assert (merge.state, merge.decided_by) == ("REFUSED", risk_manager)
    assert AuditEntry.objects.get(action="personmerge.refused").body == {"pairs": 3}


def test_who_suggested_does_not_decide_and_who_approved_does_not_review(
    shanghai: Any, risk_manager: Any, second: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    merge = by_hand(one, two, actor=risk_manager)
    for decide in (approve_merge, refuse_merge):
        with pytest.raises(SelfApproval):
            decide(merge=merge, actor=risk_manager, at=AT)
    approve_merge(merge=merge, actor=second, at=AT)

    stale = PersonMerge.objects.get()
    stale.decided_by = None
    for review in (undo_merge, keep_merge):
        with pytest.raises(NotAllowed, match="You approved this merge yourself"):
            review(merge=stale, actor=second, at=AT)
    # The person who suggested it did not approve it.
    undo_merge(merge=merge, actor=risk_manager, at=AT)
    assert partition() == []


@pytest.mark.parametrize("role", ["CASE_OFFICER", "AUDITOR", "DISPATCHER", "REVIEWER", "ADMINISTRATOR"])
def test_only_roles_with_the_permission_decide(shanghai: Any, person: Any, role: str) -> None:
    merge = suggested(*make_sharing(territory=shanghai))

    for step in (approve_merge, refuse_merge, undo_merge, keep_merge):
        for actor in (person(role, name=f"{role}-{step.__name__}"), None):
            with pytest.raises(NotAllowed):
                step(merge=merge, actor=actor, at=AT)
    assert PersonMerge.objects.get().state == "SUGGESTED"


def test_borrowers_of_another_territory_are_decided_by_who_sees_all(
    shanghai: Any, chengdu: Any, approver: Any, general_approver: Any
) -> None:
    one = make_borrower(territory=shanghai, id_number=NUMBER)
    two = make_borrower(territory=chengdu, id_number=NUMBER)
    merge = suggested(one, two)

    for decide in (approve_merge, refuse_merge):
        with pytest.raises(NotAllowed, match="territories that you do not work in"):
            decide(merge=merge, actor=approver, at=AT)
    approve_merge(merge=merge, actor=general_approver, at=AT)

    assert partition() == [refs(one, two)]


def test_other_borrowers_of_the_person_count_for_the_territory_too(
    shanghai: Any, chengdu: Any, approver: Any, risk_manager: Any, officer: Any
) -> None:
    here, there = make_borrower(territory=shanghai), make_borrower(territory=chengdu)
    merged(here, there, approver=risk_manager)
    merge = by_hand(here, make_borrower(territory=shanghai, id_number=OTHER), actor=officer)

    with pytest.raises(NotAllowed, match="territories that you do not work in"):
        approve_merge(merge=merge, actor=approver, at=AT)


def test_decision_is_taken_once(shanghai: Any, risk_manager: Any, second: Any) -> None:
    merge = merged(*make_sharing(territory=shanghai), approver=risk_manager)

    for decide in (approve_merge, refuse_merge, keep_merge):
        with pytest.raises(StateConflict):
            decide(merge=PersonMerge.objects.get(), actor=second, at=AT)
    undo_merge(merge=merge, actor=second, at=AT)
    with pytest.raises(StateConflict):
        undo_merge(merge=merge, actor=second, at=AT)


@pytest.mark.parametrize("corrected", [OTHER, ""])
def test_numbers_that_were_corrected_since_are_not_merged(shanghai: Any, risk_manager: Any, corrected: str) -> None:
    one, two = make_sharing(territory=shanghai)
    merge = suggested(one, two)
    for borrower in (two,) if corrected else (one, two):
        borrower.id_number = corrected
        borrower.save()

    with pytest.raises(StateConflict, match="corrected since"):
        approve_merge(merge=merge, actor=risk_manager, at=AT)
    assert partition() == []


def test_different_people_do_not_become_one_by_a_third(shanghai: Any, risk_manager: Any, second: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    refuse_merge(merge=suggested(one, two), actor=risk_manager, at=AT)
    three = make_borrower(territory=shanghai, id_number=OTHER)
    approve_merge(merge=by_hand(one, three, actor=second), actor=risk_manager, at=AT)
    merge = by_hand(two, three, actor=second)

    with pytest.raises(
        InvalidInput, match=f"{one.external_ref} and {two.external_ref} were found to be different people"
    ):
        approve_merge(merge=merge, actor=risk_manager, at=AT)

    # Suggested by hand and approved by a second person, the finding is taken back.
    approve_merge(merge=by_hand(one, two, actor=second), actor=risk_manager, at=AT)
    assert (partition(), DifferentPeople.objects.count()) == ([refs(one, two, three)], 0)


def test_suggestion_about_one_person_lapses(shanghai: Any, risk_manager: Any, second: Any) -> None:
    one, two, three = make_sharing(territory=shanghai, count=3)
    merge = suggested(one, two, three)
    inner = by_hand(one, two, actor=second)
    outer = by_hand(three, make_borrower(territory=shanghai, id_number=OTHER), actor=second)

    approve_merge(merge=merge, actor=risk_manager, at=AT)

    inner.refresh_from_db()
    outer.refresh_from_db()
    assert (inner.state, outer.state) == ("LAPSED", "SUGGESTED")
    assert AuditEntry.objects.get(action="personmerge.approved").body["lapsed"] == 1


def test_kept_merge_stands_with_the_numbers_of_now(shanghai: Any, risk_manager: Any, second: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merge = merged(one, two, approver=risk_manager)
    two.id_number = OTHER
    two.save(update_fields=["id_number", "id_number_index"])
    suggest_people(at=LATER)

    keep_merge(merge=merge, actor=second, at=LATER)

    merge.refresh_from_db()
    assert (merge.state, merge.reviewed_by, merge.reviewed_at) == ("APPROVED", second, LATER)
    assert partition() == [refs(one, two)]
    assert {m.borrower_id: bytes(m.id_number_index) for m in MergedBorrower.objects.all()} == {
        one.pk: bytes(one.id_number_index),
        two.pk: bytes(two.id_number_index),
    }
    assert AuditEntry.objects.filter(action="personmerge.kept").count() == 1


def test_suggestion_by_hand(shanghai: Any, officer: Any) -> None:
    one = make_borrower(territory=shanghai, external_ref="C1", name="张三", id_number=NUMBER)
    two = make_borrower(territory=shanghai, external_ref="C2", name="李四", id_number=OTHER)

    merge = suggest_merge(borrower=one, other_ref=" C2 ", ground="LENDER_SAYS", actor=officer, at=AT)

    assert (merge.state, merge.ground, merge.suggested_by, merge.names_differ) == (
        "SUGGESTED",
        "LENDER_SAYS",
        officer,
        True,
    )
    assert [(m.borrower, bytes(m.id_number_index)) for m in merge.members.order_by("borrower")] == [
        (one, bytes(one.id_number_index)),
        (two, bytes(two.id_number_index)),
    ]
    assert AuditEntry.objects.get().body == {"borrowers": [one.pk, two.pk], "ground": "LENDER_SAYS"}


def test_suggestion_by_hand_that_cannot_be_taken(
    shanghai: Any, chengdu: Any, officer: Any, approver: Any, risk_manager: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    foreign = make_borrower(territory=chengdu, id_number=OTHER)

    def refused(borrower: Any, ref: str, actor: Any = officer, ground: str = "DOCUMENT_SEEN") -> tuple[type, str]:
        with pytest.raises(DoorstepError) as caught:
            suggest_merge(borrower=borrower, other_ref=ref, ground=ground, actor=actor, at=AT)
        return type(caught.value), getattr(caught.value, "field", "")

    assert refused(one, two.external_ref, ground="SAME_ID_NUMBER") == (InvalidInput, "ground")
    assert refused(one, "nobody") == (InvalidInput, "other_ref")
    assert refused(one, foreign.external_ref) == (InvalidInput, "other_ref")
    assert refused(one, one.external_ref) == (InvalidInput, "other_ref")
    assert refused(foreign, one.external_ref) == (Missing, "")
    assert refused(one, two.external_ref, actor=approver) == (NotAllowed, "")
    assert refused(one, two.external_ref, actor=None) == (NotAllowed, "")
    suggested(one, two)
    assert refused(one, two.external_ref) == (StateConflict, "")
    approve_merge(merge=PersonMerge.objects.get(), actor=risk_manager, at=AT)
    assert refused(one, two.external_ref) == (InvalidInput, "other_ref")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda merge, user: {"suggested_by": user, "ground": "LENDER_SAYS"}, "merge_four_eyes"),
        (lambda merge, user: {"reviewed_by": user}, "merge_review_four_eyes"),
        (lambda merge, user: {"suggested_by": None, "ground": "LENDER_SAYS"}, "merge_of_the_rule_iff_by_system"),
        (lambda merge, user: {"decided_by": None}, "merge_decided_iff_decided_by"),
        (lambda merge, user: {"state": "UNDONE"}, "merge_undone_by_somebody"),
    ],
)
def test_database_refuses_what_a_service_would_miss(
    shanghai: Any, risk_manager: Any, change: Callable[..., Any], name: str
) -> None:
    merge = merged(*make_sharing(territory=shanghai), approver=risk_manager)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PersonMerge.objects.filter(pk=merge.pk).update(**change(merge, risk_manager))


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_end_in_one_state(shanghai: Any, person: Any) -> None:
    users = [person("RISK_MANAGER", name=f"decider-{number}") for number in range(2)]
    hand = person("RISK_MANAGER", name="hand")
    ends: list[str] = []
    for turn in range(6):
        one, two, three = (make_borrower(territory=shanghai, id_number="") for _one in range(3))
        merges = [by_hand(one, two, actor=hand), by_hand(two, three, actor=hand)]
        start = Barrier(2)

        def approve(number: int, merges: Any = merges, start: Any = start) -> None:
            try:
                start.wait()
                approve_merge(merge=merges[number], actor=users[number], at=AT)
                ends.append("approved")
            except StateConflict:
                ends.append("conflict")
            finally:
                connections.close_all()

        threads = [Thread(target=approve, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Whoever came second is told to look again, and then joins the same person.
        for merge in PersonMerge.objects.filter(state="SUGGESTED"):
            approve_merge(merge=merge, actor=users[0], at=AT)
        assert refs(one, two, three) in partition(), turn
    assert len(ends) == 12
    assert set(ends) <= {"approved", "conflict"}

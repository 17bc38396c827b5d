"""The rule over identity numbers: what it suggests, what it leaves alone, what lapses, and when merges are to be parted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.audit.models import AuditEntry
from backoffice.core.sealed.sealing import blind_index
from cases.models import DifferentPeople, PersonMerge, SharedNumber
from cases.rules.people import borrowers_key
from cases.services.merges.decisions import keep_merge, refuse_merge
from cases.services.people.suggestions import Suggested, suggest_people
from tests.factories.people import make_sharing, merged, suggested
from tests.factories.portfolio import AT, make_borrower

NUMBER = "999999198501017770"
OTHER = "999999198501018888"
LATER = AT + timedelta(hours=3, microseconds=7)
NOTHING = Suggested(merges=0, lapsed=0, to_part=0, shared_numbers=0)


def sets(state: str = "SUGGESTED") -> list[list[str]]:
    return sorted(
        sorted(merge.borrowers.values_list("external_ref", flat=True))
        for merge in PersonMerge.objects.filter(state=state)
    )


def correct(borrower: Any, number: str, at: Any = LATER) -> None:
    borrower.id_number, borrower.updated_at = number, at
    borrower.save(update_fields=["id_number", "id_number_index", "updated_at"])


def test_borrowers_of_one_number_are_suggested_once_in_every_spelling(shanghai: Any) -> None:
    borrowers = [
        make_borrower(territory=shanghai, external_ref=f"C{place}", id_number=number, name="张三")
        for place, number in enumerate(("110105491231002", "11010519491231002X", " 110105 19491231002x "))
    ]
    make_borrower(territory=shanghai, id_number=OTHER)

    found = suggest_people(at=AT)

    merge = PersonMerge.objects.get()
    assert found == Suggested(merges=1, lapsed=0, to_part=0, shared_numbers=0)
    assert (merge.ground, merge.state, merge.names_differ, merge.suggested_by, merge.created_at) == (
        "SAME_ID_NUMBER",
        "SUGGESTED",
        False,
        None,
        AT,
    )
    assert merge.borrowers_key == borrowers_key(borrowers=[borrower.pk for borrower in borrowers])
    index = blind_index(text="11010519491231002X", kind="id_number")
    assert sorted(merge.members.values_list("borrower_id", "id_number_index", "former_person")) == [
        (borrower.pk, index, None) for borrower in borrowers
    ]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_type, entry.actor_id, entry.body) == (
        "personmerge.suggested",
        "cases.personmerge",
        None,
        {"lapsed": 0, "merges": 1, "shared_numbers": 0, "to_part": 0},
    )
    assert suggest_people(at=LATER) == NOTHING
    assert PersonMerge.objects.count() == 1


def test_empty_numbers_are_not_one_number(shanghai: Any) -> None:
    make_sharing(territory=shanghai, count=3, number="")

    assert suggest_people(at=AT) == NOTHING


@pytest.mark.parametrize(
    ("names", "differ"),
    [(("张三", "张三"), False), (("张三", "张 三"), False), (("张三", ""), False), (("张三", "李四"), True)],
)
def test_suggestion_says_whether_the_names_differ(shanghai: Any, names: tuple[str, str], differ: bool) -> None:
    for name in names:
        make_borrower(territory=shanghai, id_number=NUMBER, name=name)

    suggest_people(at=AT)

    assert PersonMerge.objects.get().names_differ is differ


def test_after_an_intake_only_numbers_of_its_borrowers_are_looked_at(shanghai: Any) -> None:
    make_sharing(territory=shanghai, number=OTHER)
    known = make_borrower(territory=shanghai, id_number=NUMBER)
    new = make_borrower(territory=shanghai, id_number=NUMBER, updated_at=LATER)

    found = suggest_people(at=LATER, changed_at=LATER)

    assert found == Suggested(merges=1, lapsed=0, to_part=0, shared_numbers=0)
    assert sets() == [sorted((known.external_ref, new.external_ref))]


def test_a_set_grows_and_the_smaller_suggestion_lapses(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    small = suggested(one, two)
    three = make_borrower(territory=shanghai, id_number=NUMBER, updated_at=LATER)

    found = suggest_people(at=LATER, changed_at=LATER)

    assert found == Suggested(merges=1, lapsed=1, to_part=0, shared_numbers=0)
    small.refresh_from_db()
    assert (small.state, small.updated_at) == ("LAPSED", LATER)
    assert sets() == [sorted((one.external_ref, two.external_ref, three.external_ref))]


def test_suggestion_lapses_when_a_number_is_corrected(shanghai: Any) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    suggested(one, two)
    correct(two, OTHER)

    assert suggest_people(at=LATER, changed_at=LATER) == Suggested(merges=0, lapsed=1, to_part=0, shared_numbers=0)
    assert sets() == []


def test_refused_pairs_are_not_suggested_again_and_a_third_borrower_is_suggested_with_each(
    shanghai: Any, risk_manager: Any
) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    refuse_merge(merge=suggested(one, two), actor=risk_manager, at=AT)
    assert suggest_people(at=LATER) == NOTHING
    three = make_borrower(territory=shanghai, id_number=NUMBER)

    suggest_people(at=LATER)

    assert sets() == [
        sorted((one.external_ref, three.external_ref)),
        sorted((two.external_ref, three.external_ref)),
    ]


def test_refusal_holds_for_the_whole_person_of_a_borrower(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    merged(one, two, approver=risk_manager)
    three = make_borrower(territory=shanghai, id_number=NUMBER)
    refuse_merge(merge=suggested(one, two, three), actor=risk_manager, at=AT)

    assert sorted(DifferentPeople.objects.values_list("first_id", "second_id")) == [
        (one.pk, three.pk),
        (two.pk, three.pk),
    ]
    DifferentPeople.objects.filter(first=one).delete()
    assert suggest_people(at=LATER) == NOTHING


def test_borrowers_of_one_person_are_not_suggested_again(shanghai: Any, risk_manager: Any) -> None:
    merged(*make_sharing(territory=shanghai, number=NUMBER), approver=risk_manager)

    assert suggest_people(at=LATER) == NOTHING


def test_number_of_many_borrowers_is_reported_and_suggests_nothing(shanghai: Any) -> None:
    twenty = make_sharing(territory=shanghai, count=20, number=NUMBER)
    assert suggest_people(at=AT) == Suggested(merges=1, lapsed=0, to_part=0, shared_numbers=0)
    make_borrower(territory=shanghai, id_number=NUMBER)

    found = suggest_people(at=LATER)

    assert found == Suggested(merges=0, lapsed=1, to_part=0, shared_numbers=1)
    shared = SharedNumber.objects.get()
    assert (bytes(shared.number_index), shared.example, shared.borrower_count, shared.noticed_at) == (
        blind_index(text=NUMBER, kind="id_number"),
        twenty[0],
        21,
        LATER,
    )
    correct(twenty[0], OTHER)
    after = LATER + timedelta(days=1)
    assert suggest_people(at=after) == Suggested(merges=1, lapsed=0, to_part=0, shared_numbers=0)
    assert not SharedNumber.objects.exists()


def test_count_of_a_shared_number_is_renewed_and_keeps_its_first_day(shanghai: Any) -> None:
    make_sharing(territory=shanghai, count=21, number=NUMBER)
    suggest_people(at=AT)
    make_borrower(territory=shanghai, id_number=NUMBER, updated_at=LATER)

    suggest_people(at=LATER, changed_at=LATER)

    shared = SharedNumber.objects.get()
    assert (shared.borrower_count, shared.noticed_at, shared.counted_at) == (22, AT, LATER)


def test_merge_is_to_be_parted_when_a_number_is_corrected_and_not_when_all_are(
    shanghai: Any, risk_manager: Any
) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    merge = merged(one, two, approver=risk_manager)
    correct(two, OTHER)
    assert suggest_people(at=LATER, changed_at=LATER) == Suggested(merges=0, lapsed=0, to_part=1, shared_numbers=0)
    merge.refresh_from_db()
    assert (merge.state, merge.updated_at, merge.reviewed_by) == ("PART_SUGGESTED", LATER, None)

    correct(one, OTHER)
    assert suggest_people(at=LATER, changed_at=LATER) == NOTHING
    merge.refresh_from_db()
    assert (merge.state, merge.reviewed_by) == ("APPROVED", None)


def test_merge_that_was_kept_is_asked_again_only_after_another_correction(
    shanghai: Any, risk_manager: Any, approver: Any
) -> None:
    one, two = make_sharing(territory=shanghai, number=NUMBER)
    merge = merged(one, two, approver=risk_manager)
    correct(two, OTHER)
    suggest_people(at=LATER)
    keep_merge(merge=merge, actor=approver, at=LATER)
    assert suggest_people(at=LATER) == NOTHING

    correct(two, "999999199001010011")

    assert suggest_people(at=LATER) == Suggested(merges=0, lapsed=0, to_part=1, shared_numbers=0)


def test_number_of_statements_does_not_grow_with_the_borrowers(shanghai: Any) -> None:
    counts = []
    for number in (NUMBER, OTHER, "999999199001010011"):
        make_sharing(territory=shanghai, count=5, number=number)
        with CaptureQueriesContext(connection) as queries:
            suggest_people(at=AT)
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))

    # The rule, numbers of many that ended, merges to part and to keep, head of the trail, its entry.
    assert counts == [6, 6, 6]

"""Suggestions, decisions, undos, new borrowers and corrected numbers in any order: who is one person follows from the merges."""

from datetime import timedelta
from itertools import combinations
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backoffice.core.errors import InvalidInput, StateConflict
from cases.models import Borrower, DifferentPeople, PersonMerge
from cases.services.merges.decisions import approve_merge, keep_merge, refuse_merge, suggest_merge, undo_merge
from cases.services.people.suggestions import suggest_people
from tests.factories.portfolio import AT, make_borrower

NUMBERS = ("", "999999198501017770", "999999198501018888", "999999199001010011")
PICK = st.integers(0, 999)


def chains(sets: list[set[int]]) -> set[frozenset[int]]:
    """Return the groups of at least two that the sets join, written as directly as possible."""
    groups = [set(one) for one in sets]
    for _again in groups:
        for one, other in combinations(range(len(groups)), 2):
            if groups[one] & groups[other]:
                groups[one] |= groups[other]
                groups[other] = set(groups[one])
    return {frozenset(group) for group in groups}


class People(RuleBasedStateMachine):
    """A few borrowers with few numbers. The model beside it: the sets of the merges that stand, and the refused pairs."""

    territory: Any
    users: tuple[Any, Any, Any]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = AT
        self.standing: dict[int, set[int]] = {}
        self.approved_by: dict[int, Any] = {}
        self.refused: set[tuple[int, int]] = set()
        self.before_last: tuple[int, dict[int, int | None]] | None = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def now(self) -> Any:
        self.at += timedelta(minutes=1)
        return self.at

    def pick(self, rows: Any, number: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    def members(self, merge: PersonMerge) -> set[int]:
        return set(merge.members.values_list("borrower_id", flat=True))

    def persons(self) -> dict[int, int | None]:
        return dict(Borrower.objects.values_list("pk", "person_id"))

    def apart(self, named: set[int]) -> set[tuple[int, int]]:
        person = self.persons()
        return {
            (one, other)
            for one, other in combinations(sorted(named), 2)
            if person[one] is None or person[one] != person[other]
        }

    @initialize(numbers=st.lists(st.sampled_from(NUMBERS), min_size=4, max_size=6))
    def borrowers_come_in(self, numbers: list[str]) -> None:
        for number in numbers:
            self.new_borrower(number)

    @precondition(lambda self: Borrower.objects.count() < 8)
    @rule(number=st.sampled_from(NUMBERS))
    def new_borrower(self, number: str) -> None:
        make_borrower(territory=self.territory, id_number=number, updated_at=self.now())

    @rule(which=PICK, number=st.sampled_from(NUMBERS[1:]))
    def correct_number(self, which: int, number: str) -> None:
        borrower = self.pick(Borrower.objects.all(), which)
        borrower.id_number, borrower.updated_at = number, self.now()
        borrower.save()

    @rule(only_last=st.booleans())
    def suggest(self, only_last: bool) -> None:
        known = set(PersonMerge.objects.values_list("pk", flat=True))
        suggest_people(at=self.now(), changed_at=self.at - timedelta(minutes=1) if only_last else None)
        number = dict(Borrower.objects.values_list("pk", "id_number_index"))
        for merge in PersonMerge.objects.exclude(pk__in=known):
            members = self.members(merge)
            assert len({bytes(number[pk]) for pk in members}) == 1
            assert all(bytes(number[pk]) for pk in members)
            assert not {pair for pair in combinations(sorted(members), 2)} & self.refused
            assert self.apart(members)
        if not only_last:
            self.nothing_more_to_suggest(number)

    def nothing_more_to_suggest(self, number: dict[int, Any]) -> None:
        """After a night each two borrowers of one number are one person, suggested, or kept from it by a refusal."""
        person = self.persons()
        suggested = [self.members(merge) for merge in PersonMerge.objects.filter(state="SUGGESTED")]
        refused = {frozenset(person[pk] or -pk for pk in pair) for pair in self.refused}
        for pair in self.apart(set(number)):
            one, other = pair
            if bytes(number[one]) == bytes(number[other]) != b"":
                between = frozenset(person[pk] or -pk for pk in pair)
                assert between in refused or any(set(pair) <= members for members in suggested)

    @rule(first=PICK, second=PICK, by=st.sampled_from((0, 1)))
    def suggest_by_hand(self, first: int, second: int, by: int) -> None:
        one, other = self.pick(Borrower.objects.all(), first), self.pick(Borrower.objects.all(), second)
        try:
            with transaction.atomic():
                suggest_merge(
                    borrower=one,
                    other_ref=other.external_ref,
                    ground="DOCUMENT_SEEN",
                    actor=self.users[by],
                    at=self.now(),
                )
        except InvalidInput:
            assert one == other or (one.person_id is not None and one.person_id == other.person_id)
        except StateConflict:
            assert any(
                self.members(merge) == {one.pk, other.pk} for merge in PersonMerge.objects.filter(state="SUGGESTED")
            )

    def another(self, *not_these: Any) -> Any:
        return next(user for user in self.users if user.pk not in not_these)

    @rule(which=PICK)
    def approve(self, which: int) -> None:
        merge = self.pick(PersonMerge.objects.filter(state="SUGGESTED"), which)
        if merge is None:
            return
        members, before = self.members(merge), self.persons()
        by_rule = merge.ground == "SAME_ID_NUMBER"
        numbers = {
            bytes(index) for index in Borrower.objects.filter(pk__in=members).values_list("id_number_index", flat=True)
        }
        joined = set(members)
        for pk in members:
            joined |= {other for other, person in before.items() if person is not None and person == before[pk]}
        hit = {pair for pair in self.refused if set(pair) <= joined and (by_rule or not set(pair) <= members)}
        actor = self.another(merge.suggested_by_id)
        try:
            with transaction.atomic():
                approve_merge(merge=merge, actor=actor, at=self.now())
        except StateConflict:
            assert by_rule
            assert len(numbers) > 1
            return
        except InvalidInput:
            assert hit
            return
        assert not hit
        if not by_rule:
            self.refused -= {pair for pair in self.refused if set(pair) <= members}
        self.standing[merge.pk], self.approved_by[merge.pk] = members, actor
        self.before_last = (merge.pk, before)

    @rule(which=PICK)
    def refuse(self, which: int) -> None:
        merge = self.pick(PersonMerge.objects.filter(state="SUGGESTED"), which)
        if merge is not None:
            refuse_merge(merge=merge, actor=self.another(merge.suggested_by_id), at=self.now())
            self.refused |= self.apart(self.members(merge))

    def undo_it(self, merge: PersonMerge) -> None:
        undo_merge(merge=merge, actor=self.another(merge.decided_by_id), at=self.now())
        members = self.standing.pop(merge.pk)
        self.refused |= self.apart(members)

    @rule(which=PICK)
    def undo(self, which: int) -> None:
        merge = self.pick(PersonMerge.objects.filter(state__in=["APPROVED", "PART_SUGGESTED"]), which)
        if merge is not None:
            self.undo_it(merge)
            self.before_last = None

    @precondition(lambda self: self.before_last is not None)
    @rule()
    def undo_the_last(self) -> None:
        assert self.before_last is not None
        merge_id, before = self.before_last
        self.before_last = None
        self.undo_it(PersonMerge.objects.get(pk=merge_id))
        after = self.persons()
        # Also the numbers of the people are the former ones.
        assert {pk: person for pk, person in after.items() if pk in before} == before

    @rule(which=PICK)
    def keep(self, which: int) -> None:
        merge = self.pick(PersonMerge.objects.filter(state="PART_SUGGESTED"), which)
        if merge is not None:
            keep_merge(merge=merge, actor=self.another(merge.decided_by_id), at=self.now())

    @invariant()
    def people_follow_from_the_merges_that_stand(self) -> None:
        groups: dict[int, set[int]] = {}
        for pk, person in self.persons().items():
            if person is not None:
                groups.setdefault(person, set()).add(pk)
        assert all(len(group) > 1 for group in groups.values())
        assert {frozenset(group) for group in groups.values()} == chains(list(self.standing.values()))

    @invariant()
    def pairs_of_different_people_are_kept(self) -> None:
        assert set(DifferentPeople.objects.values_list("first_id", "second_id")) == self.refused
        person = self.persons()
        assert all(person[one] is None or person[one] != person[other] for one, other in self.refused)


def test_people_follow_from_decisions_in_any_order(shanghai: Any, person: Any) -> None:
    users = tuple(person("RISK_MANAGER", name=f"decider-{number}") for number in range(3))
    machine = type("PeopleOfShanghai", (People,), {"territory": shanghai, "users": users})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

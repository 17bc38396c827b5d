"""Which agency takes a case: never beyond its places or its share, in proportion, and not twice in a row."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules.allocation import Places, ShareRule, allocate, may_take

RULE = ShareRule(most_percent=40, least_agencies=3)


def places(*pairs: tuple[int, int]) -> list[Places]:
    return [Places(agency=n, capacity=capacity, taken=taken) for n, (capacity, taken) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("total", "most"), [(0, 0), (1, 1), (2, 1), (3, 2), (5, 2), (6, 3), (14, 6), (100, 40), (101, 41)]
)
def test_a_share_is_rounded_up_to_a_whole_case(total: int, most: int) -> None:
    assert RULE.most(total=total) == most


@pytest.mark.parametrize(
    ("here", "before", "chosen"),
    [
        # Nobody takes cases here; nobody has a place left.
        ([], [None], [None]),
        (places((1, 1), (0, 0)), [None], [None]),
        # One agency alone, and two: no share can be kept.
        (places((9, 0)), [None] * 3, [0, 0, 0]),
        (places((9, 0), (1, 0)), [None] * 4, [0, 0, 0, 0]),
        # Three: the largest holds its share and no more, though it has room.
        (places((90, 0), (9, 0), (9, 0)), [None] * 5, [0, 1, 0, 2, 1]),
        (places((90, 2), (2, 2), (1, 1)), [None, None], [0, None]),
        # Who had the case last gets it only if nobody else may.
        (places((90, 0), (9, 0)), [0], [1]),
        (places((90, 0), (9, 9)), [0], [0]),
    ],
)
def test_allocation(here: list[Places], before: list[int | None], chosen: list[int | None]) -> None:
    assert allocate(places=here, before=before, rule=RULE) == chosen


def test_a_case_goes_to_the_agency_at_its_door_if_that_may_take_it() -> None:
    here = places((9, 5), (9, 0), (9, 0), (1, 1))
    rule = ShareRule(most_percent=100, least_agencies=1)

    # The third case lives with the first; agency 3, at the last door, has no place left.
    chosen = allocate(
        places=here, before=[None, 0, 0, None], rule=rule, doors=["a", "b", "a", "c"], at_doors={"a": 0, "c": 3}
    )

    assert chosen == [0, 1, 0, 2]


def test_who_lives_together_is_placed_with_one_agency_in_one_pass() -> None:
    rule = ShareRule(most_percent=100, least_agencies=1)

    assert allocate(places=places((9, 0), (9, 0)), before=[None] * 3, rule=rule, doors=["a", "b", "a"]) == [0, 1, 0]
    assert allocate(places=places((9, 0), (9, 0)), before=[None] * 3, rule=rule, doors=["", "", ""]) == [0, 1, 0]


agencies = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6).map(lambda pairs: places(*pairs))
rules = st.builds(ShareRule, most_percent=st.integers(20, 40), least_agencies=st.integers(3, 5))


@given(here=agencies, rule=rules, before=st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=60))
def test_capacity_share_and_rotation_are_kept_case_by_case(
    here: list[Places], rule: ShareRule, before: list[int | None]
) -> None:
    chosen = allocate(places=here, before=before, rule=rule)

    assert len(chosen) == len(before)
    assert chosen == allocate(places=here, before=before, rule=rule)
    now = here
    for last, agency in zip(before, chosen, strict=True):
        able = may_take(places=now, rule=rule)
        assert agency in able if able else agency is None
        if agency is None:
            continue
        if agency == last:
            assert able == {agency}
        now = [
            Places(agency=each.agency, capacity=each.capacity, taken=each.taken + (each.agency == agency))
            for each in now
        ]
        (held,) = [each for each in now if each.agency == agency]
        total = sum(each.taken for each in now)
        assert held.taken <= held.capacity
        if sum(1 for each in now if each.capacity) >= rule.least_agencies:
            assert held.taken * 100 < total * rule.most_percent + 100


@given(capacities=st.lists(st.integers(1, 50), min_size=1, max_size=5), wanted=st.integers(0, 120))
def test_places_are_used_in_proportion_where_no_share_is_held(capacities: list[int], wanted: int) -> None:
    here = places(*((capacity, 0) for capacity in capacities))

    chosen = allocate(places=here, before=[None] * wanted, rule=ShareRule(most_percent=100, least_agencies=1))

    held = {each.agency: chosen.count(each.agency) for each in here}
    assert sum(held.values()) == min(wanted, sum(capacities))
    for one in here:
        for other in here:
            # A case more at the one would not use its places less than the other's are used.
            if held[one.agency] < one.capacity and held[other.agency]:
                more = Fraction(held[one.agency] + 1, one.capacity)
                assert more >= Fraction(held[other.agency], other.capacity)

"""The effective terms: a function of the base and of what stands, in any order."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import DecisionKind
from cases.rules.terms import COLLECTION_ORDER, MEASURES_OF_KIND, Heard, Standing, TermState, effective_value, heard


@pytest.mark.parametrize(
    ("modes", "effective"),
    [
        ((), "NORMAL"),
        (("PAUSED",), "PAUSED"),
        (("LEGAL", "PAUSED"), "PAUSED"),
        (("PAUSED", "ON_PLAN"), "ON_PLAN"),
        (("PAUSED", "CEASED", "ON_PLAN", "LEGAL"), "CEASED"),
        (("LEGAL",), "LEGAL"),
    ],
)
def test_collection_is_the_most_protective_that_stands(modes, effective):
    for order in permutations(modes):
        standing = [Standing(mode=mode) for mode in order]
        assert effective_value(field="COLLECTION", base="NORMAL", standing=standing) == effective


def test_penalty_is_waived_while_a_waiver_stands():
    assert effective_value(field="PENALTY", base="CHARGED", standing=[Standing(mode="WAIVED")]) == "WAIVED"
    assert effective_value(field="PENALTY", base="CHARGED", standing=[]) == "CHARGED"


@pytest.mark.parametrize(("base", "effective"), [("ACTIVE", "FROZEN"), ("CLOSED", "CLOSED"), ("FROZEN", "FROZEN")])
def test_a_freeze_holds_for_an_active_account(base, effective):
    assert effective_value(field="STATUS", base=base, standing=[Standing(mode="FROZEN")]) == effective
    assert effective_value(field="STATUS", base=base, standing=[]) == base


@pytest.mark.parametrize(
    ("caps", "increases", "effective"),
    [
        ((), (), "10000.00"),
        ((5000, 2500, 1200), (), "1200.00"),
        ((5000,), (), "5000.00"),
        ((), (1000, 500), "11500.00"),
        ((5000,), (1000,), "5000.00"),
        ((50000,), (1000,), "11000.00"),
        ((0,), (1000,), "0.00"),
    ],
)
def test_limit_is_the_lowest_cap_over_the_base_with_all_increases(caps, increases, effective):
    standing = [Standing(mode="CAP", amount=Decimal(n)) for n in caps]
    standing += [Standing(mode="INCREASE", amount=Decimal(n)) for n in increases]
    assert effective_value(field="LIMIT", base="10000.00", standing=standing) == effective


@pytest.mark.parametrize(
    ("base", "off", "effective"),
    [
        ("0.18000", ("0.005",), "0.17500"),
        ("0.18000", ("0.005",) * 8, "0.15000"),
        ("0.02000", ("0.03",), "0.00000"),
    ],
)
def test_rate_is_the_base_less_reductions_of_three_points_at_most(base, off, effective):
    standing = [Standing(mode="REDUCTION", amount=Decimal(points)) for points in off]
    assert effective_value(field="RATE", base=base, standing=standing) == effective


def test_rate_is_never_above_that_of_a_plan():
    standing = [Standing(mode="CEILING", amount=Decimal("0.24")), Standing(mode="REDUCTION", amount=Decimal("0.005"))]
    assert effective_value(field="RATE", base="0.30000", standing=standing) == "0.24000"
    assert effective_value(field="RATE", base="0.18000", standing=standing) == "0.17500"


_MODES = st.sampled_from(["CEASED", "ON_PLAN", "PAUSED", "LEGAL"])


@given(st.lists(_MODES, max_size=8), _MODES)
def test_one_more_measure_never_protects_less(modes, one_more):
    def rank(found):
        value = effective_value(field="COLLECTION", base="NORMAL", standing=[Standing(mode=mode) for mode in found])
        return ["NORMAL", *reversed(COLLECTION_ORDER)].index(value)

    assert rank([*modes, one_more]) >= rank(modes)


def test_every_kind_but_close_and_waiver_has_measures():
    assert {*DecisionKind} - {*MEASURES_OF_KIND} == {DecisionKind.CLOSE, DecisionKind.WAIVER}


DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("value", "as_of", "in_flight", "answered_on", "meaning"),
    [
        ("66000.00", DAY, (), DAY, Heard.AGREES),
        ("66000.00", DAY, ("66000.00",), None, Heard.AGREES),
        # Not carried out yet, an earlier instruction of two, or a file that is older than the answer.
        ("60000.00", DAY, ("66000.00",), None, Heard.NOT_YET),
        ("63000.00", DAY, ("63000.00", "66000.00"), None, Heard.NOT_YET),
        ("60000.00", DAY, (), DAY, Heard.NOT_YET),
        # It answered, and a later file shows the old value.
        ("60000.00", date(2026, 3, 3), (), DAY, Heard.DIFFERS),
        ("20000.00", DAY, ("66000.00",), None, Heard.OWN_ACCORD),
        ("20000.00", DAY, (), DAY, Heard.OWN_ACCORD),
    ],
)
def test_heard_tells_the_cores_own_word_from_what_it_was_instructed(value, as_of, in_flight, answered_on, meaning):
    term = TermState(
        base="60000.00",
        effective="66000.00",
        held="66000.00" if answered_on else "60000.00",
        held_before="60000.00",
        in_flight=in_flight,
        answered_on=answered_on,
    )
    assert heard(value=value, as_of=as_of, term=term) is meaning

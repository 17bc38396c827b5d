"""All faults of a body at once, each with its path; none exactly where the parser accepts the body."""

from copy import deepcopy
from math import nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.core.errors import InvalidInput
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.policy.draft_reading import read_draft
from cases.rules.policy.faults import MOST_FAULTS, faults_of
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body
from tests.factories.proposals import asked, rest, row, taking

LEAF = {"feature": "attempts", "op": "gte", "value": 1}


def paths(body: Any) -> list[str]:
    return [fault.path for fault in faults_of(body)]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of a body, the body's own included."""
    found = [at]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += places(inner, (*at, key))
    return found


PLACES = places(DEFAULT_POLICY)


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**6),
    st.floats(),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.just({"any": [LEAF]}),
    st.just({"not": LEAF}),
    st.just([LEAF] * 61),
    st.sampled_from(["age", "CNY", "A1", "2"]),
    st.just({"feature": "protected_flags", "op": "gte", "value": 1}),
    st.just({"kind": "FREEZE", "expires_days": 3}),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "remove", "add"]), HOSTILE), max_size=4))
def test_faults_are_empty_exactly_where_the_reader_accepts(changes: Any) -> None:
    body: Any = deepcopy(DEFAULT_POLICY)
    for place, how, value in changes:
        body = changed(body, place, how, value)

    found = faults_of(body)

    first = fault_of_reader(body)
    # The reader's own first fault is one of them, at its place or at a part of the same entry.
    assert bool(found) == (first is not None)
    assert first is None or any(f.path.startswith(first) or first.startswith(f.path) for f in found)
    read_draft(body)


def fault_of_reader(body: Any) -> str | None:
    try:
        parse_policy(body)
    except InvalidInput as error:
        return error.field
    return None


def changed(body: Any, place: tuple[Any, ...], how: str, value: Any) -> Any:
    if not place:
        return body if how == "remove" else value if how == "replace" else body
    inner = body
    for key in place[:-1]:
        try:
            inner = inner[key]
        except (KeyError, IndexError, TypeError):
            return body
    try:
        if how == "remove":
            del inner[place[-1]]
        elif how == "add" and isinstance(inner, dict):
            inner[f"{place[-1]}x"] = value
        else:
            inner[place[-1]] = value
    except (KeyError, IndexError, TypeError):
        pass
    return body


def test_faults_of_names_every_fault_at_its_place() -> None:
    rules = [
        make_rule(code="x y", when={"all": [{**LEAF, "value": 1.5}, {**LEAF, "feature": "age"}, 3]}),
        make_rule(priority=9, title={"en": "", "zh": "x", "fr": "x"}),
        make_rule(),
    ]
    body = policy_body(rules=rules, colour=1, caps={"rate_max": 1}, rates={"CNY": "1", "TWD": nan})

    assert sorted(paths(body)) == [
        "caps.rate_max",
        "colour",
        "rates.TWD",
        "rules[0].code",
        "rules[0].when.all[0].value",
        "rules[0].when.all[1].feature",
        "rules[0].when.all[2]",
        "rules[1].priority",
        "rules[1].title.en",
        "rules[1].title.fr",
        "rules[2].code",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rates": {"CNY": "2"}}, ["rates.CNY"]),
        ({"currency": "EUR"}, ["rates.EUR"]),
        ({"rules": "x"}, ["rules"]),
        ({"rules": [make_rule(code=f"R{n}") for n in range(41)]}, ["rules"]),
        ({"gate": {"any": [{"all": [LEAF] * 31}] * 2}}, ["gate"]),
        ({"gate": {"all": [LEAF], "any": []}}, ["gate.any"]),
        ({"parameters": {"grade_a_amount": 1, "grade_b_amount": 2}}, ["parameters.grade_a_amount"]),
        ({"parameters": {"sla_days": {"1": 0, "2": 1}}}, ["parameters.sla_days.1", "parameters.sla_days.3"]),
        ({"rules": [make_rule(code="BROKEN_PROMISES")]}, ["restrictions[0].code"]),
        ({"rules": [make_rule(title={"en": "a\u0000b", "zh": "\ud800"})]}, ["rules[0].title.en", "rules[0].title.zh"]),
        (
            {
                "restrictions": [
                    {"code": "A1", "title": {"en": "x", "zh": "x"}, "when": LEAF, "effect": {"kind": "FREEZE"}}
                ]
            },
            ["restrictions[0].effect.expires_days"],
        ),
    ],
)
def test_faults_of_names_the_place(changes: dict[str, Any], expected: list[str]) -> None:
    assert paths(policy_body(**changes)) == expected


def test_a_circumstance_that_protects_is_a_fault_where_it_makes_a_rule_hold() -> None:
    protects = {"feature": "protected_flags", "op": "gte", "value": 1}

    assert paths(policy_body(gate={"not": protects})) == []
    assert paths(policy_body(gate={"not": {"not": protects}})) == ["gate.not.not"]


def test_faults_of_stops_at_a_number_that_people_read() -> None:
    body = policy_body() | {f"name{n}": n for n in range(5_000)}

    assert len(faults_of(body)) == MOST_FAULTS


def test_faults_of_names_each_fault_of_a_row_of_proposals() -> None:
    rows = [
        giving({"kind": "PLAN", "instalments": 6, "relief": "0.2"}, {"kind": "LEGAL", "days": 900}),
        row("BB", asked("attempts", 1), reasons=["PAID"], next_step="DECIDE"),
        row("CC", asked("capacity", "ABLE"), reasons=["HARDSHIP"]),
        taking(decisions="x"),
        {**rest("EE"), "result": 3},
    ]

    assert paths(policy_body(proposals=rows, parameters={"firm_confidence": "0.7"})) == [
        "parameters.firm_confidence",
        "proposals[0].result.decisions[0].relief",
        "proposals[0].result.decisions[1].days",
        "proposals[0].result.decisions[1].way_back",
        "proposals[1].when.all[0].feature",
        "proposals[1].result.reasons[0]",
        "proposals[1].result.next_step",
        "proposals[2].result.next_step",
        "proposals[3].result.decisions",
        "proposals[4].result",
    ]
    assert paths(policy_body(proposals="x")) == ["proposals"]
    assert paths(policy_body(proposals=[rest("SIX_MONTHS_ON_TIME")])) == ["proposals[0].code"]


def giving(*decisions: dict[str, Any]) -> dict[str, Any]:
    return row("ROW", asked("capacity", "ABLE"), reasons=["HARDSHIP"], decisions=list(decisions))

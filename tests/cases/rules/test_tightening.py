"""Limits that may only be tightened, with limits that a text does not name."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from cases.rules.tightening import (
    FIXED,
    FREE,
    HIGHER,
    LOWER,
    PolicyLoosened,
    Tighter,
    loosened_fields,
    tightened,
    tighter_ways,
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    code: Annotated[str, FIXED] = "CN"
    version: Annotated[str, FREE] = "1"
    cap: Annotated[int | None, LOWER] = 3
    unnamed: Annotated[int | None, LOWER] = None
    days: Annotated[int | None, HIGHER] = None


@pytest.mark.parametrize(
    "changes",
    [{"cap": 2}, {"cap": 3}, {"unnamed": 5}, {"days": 7}, {"version": "2"}, {"cap": 0, "unnamed": 0, "days": 1}, {}],
)
def test_a_stricter_limit_is_taken(changes: dict[str, object]) -> None:
    assert tightened(Limits(), **changes) == Limits(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"cap": 4}, {"cap": None}, {"code": "UK"}])
def test_a_looser_limit_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(PolicyLoosened):
        tightened(Limits(), **changes)


def test_taking_away_a_limit_that_was_set_loosens() -> None:
    stricter = tightened(Limits(), days=7, unnamed=5)

    assert loosened_fields(base=stricter, changed=Limits()) == ("unnamed", "days")
    assert loosened_fields(base=Limits(), changed=stricter) == ()


def test_an_unknown_limit_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        tightened(Limits(), caps=2)


def test_each_field_says_which_way_is_tighter() -> None:
    assert dict(tighter_ways(Limits)) == {
        "code": Tighter.FIXED,
        "version": Tighter.FREE,
        "cap": Tighter.LOWER,
        "unnamed": Tighter.LOWER,
        "days": Tighter.HIGHER,
    }

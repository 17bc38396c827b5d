"""What a day's routing refuses to plan."""

from datetime import datetime
from typing import Any

import pytest

from tests.factories.routing import NINE, crew, stop
from visits.rules.routing import RoutingProblem, TimeWindow


@pytest.mark.parametrize(
    "build",
    [
        lambda: RoutingProblem(crews=(), stops=(stop(), stop())),
        lambda: RoutingProblem(crews=(crew(), crew()), stops=()),
        lambda: RoutingProblem(crews=(crew(starts_at=datetime(2026, 11, 24)),), stops=()),
        lambda: RoutingProblem(crews=(), stops=(), speed_kmh=0),
    ],
)
def test_routing_problem_refuses_nonsense(build: Any) -> None:
    with pytest.raises(ValueError, match=r"id of its own|time zone|positive"):
        build()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"speed_kmh": -1.0}, "positive"),
        ({"detour_factor": 0.0}, "positive"),
        ({"stops": (stop(windows=(TimeWindow(opens_at=NINE, closes_at=datetime(2026, 11, 24, 12)),)),)}, "time zone"),
        ({"crews": (crew(ends_at=datetime(2026, 11, 24, 20)),)}, "time zone"),
    ],
)
def test_a_problem_says_what_is_wrong_with_it(changes: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RoutingProblem(**{"crews": (crew(),), "stops": (stop(),)} | changes)


def test_a_problem_without_crews_or_stops_is_none() -> None:
    empty = RoutingProblem(crews=(), stops=())

    assert (empty.speed_kmh, empty.detour_factor, empty.max_iterations) == (25.0, 1.3, 50_000)
    # A stop and a crew may have the same name.
    assert RoutingProblem(crews=(crew("x"),), stops=(stop("x"),)).stops[0].id == "x"

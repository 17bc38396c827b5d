"""Hostile numbers are refused in words that name the crew or the stop; what is accepted can be planned."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.routing import HOUR, NINE, crew, stop
from visits.rules.routing import Break, Matrices, Objective, RoutingProblem, TimeWindow, plan_routes

SOUND = [[0, 60, 60], [60, 0, 60], [60, 60, 0]]


def changed(row: int, column: int, cell: Any) -> list[list[Any]]:
    matrix: list[list[Any]] = [list(each) for each in SOUND]
    matrix[row][column] = cell
    return matrix


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"latitude": nan}, "Crew 'c1': the latitude must be a number from -90 to 90 degrees, not nan."),
        ({"longitude": 180.001}, "Crew 'c1': the longitude must be a number from -180 to 180 degrees, not 180.001."),
        ({"ends_at": NINE}, "Crew 'c1': the shift must end after it starts."),
        ({"ends_at": NINE - HOUR}, "Crew 'c1': the shift must end after it starts."),
        ({"ends_at": NINE + timedelta(days=40)}, "Crew 'c1': all shifts of a plan must lie within 31 days."),
        ({"max_stops": -1}, "Crew 'c1': the number of stops must be a whole number from 0 to 1,000,000,000, not -1."),
        ({"capacity": 1.5}, "Crew 'c1': the capacity must be a whole number from 0 to 1,000,000,000, not 1.5."),
        ({"starts_at": datetime(2026, 11, 24)}, "Crew 'c1': instants must carry their time zone."),
        (
            {"breaks": (Break(opens_at=NINE, closes_at=NINE, minutes=-1),)},
            "Crew 'c1': the minutes of a break must be a number from 0 to 44,640, not -1.",
        ),
        (
            {"breaks": (Break(opens_at=NINE, closes_at=NINE - HOUR, minutes=1),)},
            "Crew 'c1': a break's window must not close before it opens.",
        ),
    ],
)
def test_a_crew_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^Crew") as refused:
        RoutingProblem(crews=(replace(crew(), **changes),), stops=())

    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"latitude": -inf}, "Stop 's1': the latitude must be a number from -90 to 90 degrees, not -inf."),
        ({"longitude": "east"}, "Stop 's1': the longitude must be a number from -180 to 180 degrees, not 'east'."),
        ({"service_minutes": -1}, "Stop 's1': the minutes of service must be a number from 0 to 44,640, not -1."),
        ({"service_minutes": nan}, "Stop 's1': the minutes of service must be a number from 0 to 44,640, not nan."),
        ({"priority": 0}, "Stop 's1': the priority must be a whole number from 1 to 1,000,000, not 0."),
        (
            {"demand": 10**18},
            "Stop 's1': the demand must be a whole number from 0 to 1,000,000,000, not 1000000000000000000.",
        ),
        (
            {"windows": (TimeWindow(opens_at=datetime(2026, 11, 24), closes_at=NINE),)},
            "Stop 's1': instants must carry their time zone.",
        ),
    ],
)
def test_a_stop_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^Stop") as refused:
        RoutingProblem(crews=(), stops=(replace(stop(), **changes),))

    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("seconds", "metres", "words"),
    [
        (SOUND[:2], SOUND, "The matrix of seconds must have a row for each crew and then each stop: 3, not 2."),
        ([*SOUND[:2], [60, 60]], SOUND, "The matrix of seconds, row of stop 's2', must have 3 cells, not 2."),
        (
            changed(0, 2, nan),
            SOUND,
            "The seconds from crew 'c1' to stop 's2' must be a number from 0 to 100,000,000, not nan.",
        ),
        (
            SOUND,
            changed(2, 1, -1),
            "The metres from stop 's2' to stop 's1' must be a number from 0 to 100,000,000, not -1.",
        ),
        (
            SOUND,
            changed(1, 0, inf),
            "The metres from stop 's1' to crew 'c1' must be a number from 0 to 100,000,000, not inf.",
        ),
    ],
)
def test_a_matrix_is_refused_by_its_cell(seconds: Any, metres: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r"^The") as refused:
        RoutingProblem(crews=(crew(),), stops=(stop(), stop("s2")), matrices=Matrices(seconds=seconds, metres=metres))

    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("seconds", "seed", "words"),
    [
        (nan, 1, "The seconds of a search must be a number that is not negative, not nan."),
        (-0.1, 1, "The seconds of a search must be a number that is not negative, not -0.1."),
        (1, -1, "The seed must be a whole number from 0 to 4,294,967,295, not -1."),
        (1, 2**32, "The seed must be a whole number from 0 to 4,294,967,295, not 4294967296."),
    ],
)
def test_a_search_is_refused_by_its_figure(seconds: float, seed: int, words: str) -> None:
    with pytest.raises(ValueError, match=r"^The se") as refused:
        plan_routes(RoutingProblem(crews=(), stops=()), seconds=seconds, seed=seed)

    assert str(refused.value) == words


numbers = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from([0, 1, -1, 90, 180, 10**6, 10**8, 10**9, 10**18, 2**63, 1e308, 5e-324, True, None, "x"]),
)
instants = st.one_of(
    st.just(NINE),
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)).map(
        lambda at: at.replace(tzinfo=NINE.tzinfo)
    ),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_numbers_are_planned_or_refused_by_name(data: st.DataObject) -> None:
    def some(sound: Any, hostile: st.SearchStrategy[Any]) -> Any:
        return data.draw(st.one_of(st.just(sound), st.just(sound), hostile))

    def made() -> RoutingProblem:
        crews = tuple(
            crew(
                f"c{n}",
                latitude=some(30.0, numbers),
                longitude=some(120.0, numbers),
                starts_at=some(NINE, instants),
                ends_at=some(NINE + 8 * HOUR, instants),
                max_stops=some(8, numbers),
                capacity=some(None, numbers),
                breaks=some(
                    (), st.builds(lambda at, m: (Break(opens_at=at, closes_at=at, minutes=m),), instants, numbers)
                ),
            )
            for n in range(2)
        )
        stops = tuple(
            replace(
                stop(f"s{n}"),
                latitude=some(30.1, numbers),
                longitude=some(120.1, numbers),
                service_minutes=some(30, numbers),
                priority=some(1, numbers),
                demand=some(1, numbers),
                windows=some((), st.builds(lambda a, b: (TimeWindow(opens_at=a, closes_at=b),), instants, instants)),
            )
            for n in range(3)
        )
        cells = st.lists(st.lists(st.one_of(st.just(60), numbers), min_size=5, max_size=5), min_size=5, max_size=5)
        return RoutingProblem(
            crews=crews,
            stops=stops,
            speed_kmh=some(25.0, numbers),
            detour_factor=some(1.3, numbers),
            max_iterations=2,
            matrices=some(None, st.builds(lambda one, two: Matrices(seconds=one, metres=two), cells, cells)),
            objective=data.draw(st.sampled_from(list(Objective))),
        )

    try:
        problem = made()
    except ValueError as refused:
        words = str(refused)
    else:
        words = ""
    if words:
        assert words.startswith(("Crew 'c", "Stop 's", "Speed", "The detour", "The seconds", "The metres"))
        return

    plan = plan_routes(problem, seconds=5, seed=1)

    visited = [each.stop_id for route in plan.routes for each in route.stops]
    assert sorted([*visited, *(each.stop_id for each in plan.unassigned)]) == ["s0", "s1", "s2"]

"""
Ways along the road network, asked of a routing server of the operator (OSRM's table service), named by a setting.

The server is told coordinates and nothing else. Where it does not answer, or answers nonsense, a plan is made along
straight lines: a day must be planned also while that server is down.
"""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from http.client import HTTPException
from typing import Any, Final
from urllib.request import Request, urlopen

from django.conf import settings

from visits.rules.routing import Matrices, RoutingProblem

logger = logging.getLogger(__name__)

# OSRM answers at most 100 places a request as it ships: so many from, so many to.
PLACES_A_SIDE: Final = 50
MAX_ANSWER_BYTES: Final = 8_000_000
Place = tuple[float, float]
Cells = list[list[float | None]]


class NoAnswer(Exception):
    """The server answered something else than a table."""


def with_road_network(problem: RoutingProblem) -> RoutingProblem:
    """
    Return the problem with the ways of settings.ROUTING_URL, within settings.ROUTING_SECONDS for all of them together.

    Unchanged, with a warning in the log, if the server fails; unchanged without one if none is named.
    """
    if not settings.ROUTING_URL or not problem.crews or not problem.stops:
        return problem
    places = [_place(crew.latitude, crew.longitude) for crew in problem.crews]
    places += [_place(stop.latitude, stop.longitude) for stop in problem.stops]
    known = sorted({place for place in places if place is not None})
    try:
        seconds, metres = _tables(places=known, url=settings.ROUTING_URL, seconds=settings.ROUTING_SECONDS)
        return replace(
            problem,
            matrices=Matrices(seconds=_spread(seconds, places, known), metres=_spread(metres, places, known)),
        )
    except (OSError, HTTPException, ValueError, NoAnswer) as error:
        # Neither address nor answer: they hold coordinates of borrowers.
        logger.warning(
            "the routing server failed, planning along straight lines", extra={"error": type(error).__name__}
        )
        return problem


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    return None if latitude is None or longitude is None else (latitude, longitude)


def _tables(*, places: Sequence[Place], url: str, seconds: float) -> tuple[Cells, Cells]:
    """Return seconds and metres between all places, asked for block by block."""
    ends_at = time.monotonic() + seconds
    numbers = range(len(places))
    blocks = [numbers[first : first + PLACES_A_SIDE] for first in numbers[::PLACES_A_SIDE]]
    durations: Cells = [[None] * len(places) for _place in places]
    distances: Cells = [[None] * len(places) for _place in places]
    for sources in blocks:
        for targets in blocks:
            left = ends_at - time.monotonic()
            if left <= 0:
                raise NoAnswer
            asked = [places[number] for number in (*sources, *targets)]
            answer = _asked(_address(url=url, places=asked, sources=len(sources)), seconds=left)
            for cells, name in ((durations, "durations"), (distances, "distances")):
                _fill(cells, answer.get(name), sources=sources, targets=targets)
    return durations, distances


def _address(*, url: str, places: Sequence[Place], sources: int) -> str:
    # Five decimals are a metre.
    pairs = ";".join(f"{longitude:.5f},{latitude:.5f}" for latitude, longitude in places)
    first = ";".join(map(str, range(sources)))
    second = ";".join(map(str, range(sources, len(places))))
    return f"{url.rstrip('/')}/table/v1/driving/{pairs}?annotations=duration,distance&sources={first}&destinations={second}"


def _asked(address: str, *, seconds: float) -> dict[str, Any]:
    if not address.startswith(("http://", "https://")):
        raise NoAnswer
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310 - the scheme is checked above
    with urlopen(request, timeout=seconds) as response:  # noqa: S310 - as above
        answer = json.loads(response.read(MAX_ANSWER_BYTES))
    if not isinstance(answer, dict) or answer.get("code") != "Ok":
        raise NoAnswer
    return answer


def _fill(cells: Cells, block: Any, *, sources: Sequence[int], targets: Sequence[int]) -> None:
    if not isinstance(block, list) or len(block) != len(sources):
        raise NoAnswer
    for source, row in zip(sources, block, strict=True):
        if not isinstance(row, list) or len(row) != len(targets):
            raise NoAnswer
        for target, cell in zip(targets, row, strict=True):
            cells[source][target] = cell


def _spread(cells: Cells, places: Sequence[Place | None], known: Sequence[Place]) -> Cells:
    """Return a table of the distinct places as one of all; no way is known to or from where there is no place."""
    number = {place: n for n, place in enumerate(known)}
    rows: list[int | None] = [None if place is None else number[place] for place in places]
    return [[None if one is None or other is None else cells[one][other] for other in rows] for one in rows]

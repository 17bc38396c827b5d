"""Ways of a routing server: asked in blocks over HTTP, spread over all places, and done without where it fails."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.factories.routing import crew, stop
from visits.rules.routing import Matrices, RoutingProblem
from visits.services.dispatch import road_network
from visits.services.dispatch.road_network import with_road_network


class Server:
    """A routing server on this machine, whose answer a test chooses."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str], tuple[int, bytes]] = self.table
        self.seconds = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                time.sleep(outer.seconds)
                status, body = outer.answer(self.path)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def table(self, path: str) -> tuple[int, bytes]:
        """Answer like OSRM: seconds of 100 a hundredth of a degree to the north, the double back; no way at 31 north."""
        coordinates = [
            tuple(map(float, pair.split(","))) for pair in path.split("/driving/")[1].split("?")[0].split(";")
        ]
        query = dict(part.split("=") for part in path.split("?")[1].split("&"))
        sources, targets = ([int(each) for each in query[name].split(";")] for name in ("sources", "destinations"))

        def cell(one: int, other: int, unit: float) -> float | None:
            way = round((coordinates[other][1] - coordinates[one][1]) * 100, 3)
            if coordinates[one] != coordinates[other] and 31.0 in (coordinates[one][1], coordinates[other][1]):
                return None
            return way * unit if way >= 0 else -2 * way * unit

        body = {
            "code": "Ok",
            "durations": [[cell(one, other, 100) for other in targets] for one in sources],
            "distances": [[cell(one, other, 1000) for other in targets] for one in sources],
        }
        return 200, json.dumps(body).encode()


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    made = Server()
    settings.ROUTING_URL = made.url
    yield made
    made.http.shutdown()
    made.http.server_close()


def problem(**changes: Any) -> RoutingProblem:
    fields = {
        "crews": (crew(latitude=30.25), crew("c2", latitude=30.25)),
        "stops": (stop(north=0.01), stop("s2", north=0.03)),
    }
    return RoutingProblem(**fields | changes)


def test_the_ways_of_the_server_are_taken_in_both_directions(server: Server) -> None:
    found = with_road_network(problem())

    assert found.matrices == Matrices(
        seconds=[[0, 0, 100, 300], [0, 0, 100, 300], [200, 200, 0, 200], [600, 600, 400, 0]],
        metres=[[0, 0, 1000, 3000], [0, 0, 1000, 3000], [2000, 2000, 0, 2000], [6000, 6000, 4000, 0]],
    )
    # Two crews at one place are asked for once.
    assert [path.split("?")[0].count(";") + 1 for path in server.asked] == [6]


def test_a_stop_without_coordinates_or_a_way_has_no_way(server: Server) -> None:
    stops = (stop(north=0.01), stop("s2", latitude=None), stop("s3", latitude=31.0))

    matrices = with_road_network(problem(crews=(crew(),), stops=stops)).matrices

    assert matrices is not None
    assert matrices.seconds == [[0, 100, None, None], [200, 0, None, None], [None] * 4, [None, None, None, 0]]


def test_many_places_are_asked_for_in_blocks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = with_road_network(problem()).matrices
    server.asked.clear()
    monkeypatch.setattr(road_network, "PLACES_A_SIDE", 2)

    assert with_road_network(problem()).matrices == whole
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (200, b"no json"),
        (200, b"[]"),
        (200, b'{"code": "InvalidQuery"}'),
        (200, b'{"code": "Ok", "durations": [[0]]}'),
        (
            200,
            b'{"code": "Ok", "durations": [[0, "x", 1], [1, 0, 1], [1, 1, 0]], "distances": [[0, 1, 1], [1, 0, 1], [1, 1, 0]]}',
        ),
        (
            200,
            b'{"code": "Ok", "durations": [[0, -1, 1], [1, 0, 1], [1, 1, 0]], "distances": [[0, 1, 1], [1, 0, 1], [1, 1, 0]]}',
        ),
    ],
)
def test_an_answer_that_is_no_table_leaves_straight_lines_and_a_warning(
    answer: tuple[int, bytes], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer = lambda _path: answer

    assert with_road_network(problem()) == problem()
    assert [record.getMessage() for record in caplog.records] == [
        "the routing server failed, planning along straight lines"
    ]
    assert "30.2" not in str([record.__dict__ for record in caplog.records])


def test_a_slow_or_absent_server_is_not_waited_for(server: Server, settings: Any) -> None:
    settings.ROUTING_SECONDS = 0.2
    server.seconds = 2.0
    began = time.monotonic()

    assert with_road_network(problem()) == problem()
    assert time.monotonic() - began < 1.5
    settings.ROUTING_URL = "http://127.0.0.1:9"
    assert with_road_network(problem()) == problem()


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://127.0.0.1"])
def test_without_an_http_address_nothing_is_asked(url: str, server: Server, settings: Any) -> None:
    settings.ROUTING_URL = url

    assert with_road_network(problem()) == problem()
    assert server.asked == []


def test_nothing_is_asked_for_a_day_without_crews_or_stops(server: Server) -> None:
    for empty in (problem(crews=()), problem(stops=())):
        assert with_road_network(empty) == empty
    assert server.asked == []

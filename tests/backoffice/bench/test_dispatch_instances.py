"""Routing instances of the bench: always the same, solvable, and read from files of two formats."""

import pytest

from backoffice.bench.dispatch_instances import Instance, generated, instances

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  3         50

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      40         50          0          0       1236          0
    1      43         54         10         20        100         90
    2      45         70         30          0        500         90
"""


@pytest.mark.parametrize("kind", ["C1", "R1"])
def test_a_generated_instance_is_always_the_same_and_each_stop_can_be_reached_in_time(kind: str) -> None:
    one, two = (generated(kind=kind, customers=100) for _twice in range(2))

    assert one == two
    assert (len(one.demands), len(one.windows), len(one.service), one.vehicles) == (101, 101, 101, 25)
    latest = one.windows[0][1]
    for stop in range(1, 101):
        opens, closes = one.windows[stop]
        assert max(opens, one.ways[0][stop]) <= closes
        assert max(opens, one.ways[0][stop]) + one.service[stop] + one.ways[stop][0] <= latest
        assert 0 < one.demands[stop] <= one.capacity


def test_files_of_the_size_asked_for_go_before_generated_instances(tmp_path) -> None:
    (tmp_path / "TINY.txt").write_text(SOLOMON)

    found = list(instances(scale=2, folder=tmp_path))

    assert found == [
        Instance(
            name="TINY",
            vehicles=3,
            capacity=50,
            # Tenths, rounded down.
            ways=[[0, 50, 206], [50, 0, 161], [206, 161, 0]],
            demands=[0, 10, 30],
            windows=[(0, 12_360), (200, 1_000), (0, 5_000)],
            service=[0, 900, 900],
        )
    ]
    assert [each.name for each in instances(scale=100, folder=tmp_path)] == ["C1-like", "R1-like"]
    assert [each.name for each in instances(scale=100, folder=tmp_path / "none")] == ["C1-like", "R1-like"]

"""What a day's routing refuses to plan."""

from datetime import datetime
from typing import Any

import pytest

from tests.factories.routing import crew, stop
from visits.rules.routing import RoutingProblem


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

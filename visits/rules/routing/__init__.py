"""A day's routes: which crew visits which stops, in which order, and when."""

from visits.rules.routing.plan import plan_routes
from visits.rules.routing.problem import (
    SERVICE_MINUTES,
    Break,
    Crew,
    Matrices,
    Objective,
    PlannedStop,
    Route,
    RoutingPlan,
    RoutingProblem,
    Stop,
    TimeWindow,
    Unassigned,
)

__all__ = [
    "SERVICE_MINUTES",
    "Break",
    "Crew",
    "Matrices",
    "Objective",
    "PlannedStop",
    "Route",
    "RoutingPlan",
    "RoutingProblem",
    "Stop",
    "TimeWindow",
    "Unassigned",
    "plan_routes",
]

"""What a search for a day's routes tells whoever waits for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visits.planning_enums import PlanningPhase


@dataclass(slots=True, kw_only=True)
class PlanWatch:
    """
    Somebody who waits for a plan; this one only looks on. `at` is the instant at which the planning began.

    A worker's watch writes what it is told into its planning run.
    """

    at: datetime

    @property
    def now(self) -> datetime:
        """The instant that counts for what is written; notices are sent at it."""
        return self.at

    def written_by(self, *, seconds: float) -> datetime:
        """Return the instant by which a plan is written whose routes are searched for `seconds` at most."""
        return self.at

    def enter(self, phase: PlanningPhase) -> None:
        """Note that the planning goes on to `phase`, outside a transaction."""

    def write(self, schedule: Any) -> None:
        """Write what came of each order, in the transaction that writes the plan; an error takes the plan back."""

"""The benches by name, and the result that each returns."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ProgressLog = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What a bench measured, in seconds. `items` is what the rate counts.

    `floor_seconds` is the same work by bare SQL or the bare library, `naive_seconds` the way most people would write
    it; None where it does not apply. `peak_rss_mb` is of the largest process, None for that of the bench itself; `extra`
    holds what a bench tells beside the keys that all have.
    """

    seconds: float
    items: int
    floor_seconds: float | None = None
    naive_seconds: float | None = None
    peak_rss_mb: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A bench is a function `run(*, scale, log_progress) -> Result` in a module of its own, named `module:function`."""

    place: str
    about: str
    # Whether it runs in a database created for it and dropped afterwards.
    own_database: bool = True

    def run(self, *, scale: int, log_progress: ProgressLog) -> Result:
        """Run it; `log_progress` prints progress lines."""
        module, _colon, function = self.place.partition(":")
        result: Result = getattr(importlib.import_module(module), function)(scale=scale, log_progress=log_progress)
        return result


BENCHES: Final[dict[str, Bench]] = {
    "evaluation": Bench(
        place="backoffice.bench.evaluation:run", about="the first night's triggers over a portfolio of SCALE accounts"
    ),
    "standing": Bench(
        place="backoffice.bench.standing:run",
        about="rewards, restrictions and their ends over a portfolio of SCALE accounts",
    ),
    "backtest": Bench(place="backoffice.bench.backtest:run", about="a draft tried on the kept facts of SCALE accounts"),
    "intake": Bench(
        place="backoffice.bench.intake:run", about="a file of SCALE accounts: first load, unchanged, next day"
    ),
    "sweep": Bench(
        place="backoffice.bench.sweep:run", about="drafts for the SCALE cases of a first night, beside bare SQL"
    ),
    "guard": Bench(
        place="backoffice.bench.guard:run", about="the conduct guard over the approved orders of SCALE cases"
    ),
    "dispatch": Bench(
        place="backoffice.bench.dispatch:run",
        about="routes through SCALE (100, 200 or 1000) stops with time windows, beside the bare solver",
        own_database=False,
    ),
    "duplicates": Bench(
        place="backoffice.bench.duplicates:run", about="copies of a photograph among SCALE hashes of photographs"
    ),
    "plans": Bench(
        place="backoffice.bench.plans:run",
        about="SCALE schedules of repayment plans, beside a bare loop of the formula",
        own_database=False,
    ),
    "schedule": Bench(
        place="backoffice.bench.schedule:run", about="a day of SCALE visits planned over 40 pairs, with 30 s of search"
    ),
}

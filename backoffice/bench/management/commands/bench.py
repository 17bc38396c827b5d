"""manage.py bench NAME --scale N: progress to stderr, one line of JSON to stdout."""

import json
import resource
import time
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.bench import BENCHES, Result
from backoffice.bench.database import throwaway_database


class Command(BaseCommand):
    help = "Measure one part of the program at a scale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(BENCHES))
        parser.add_argument("--scale", type=int, default=100_000)

    def handle(self, *args: Any, **options: Any) -> None:
        bench, scale = BENCHES[options["name"]], options["scale"]
        began = time.monotonic()

        def log_progress(text: str) -> None:
            self.stderr.write(f"[{time.monotonic() - began:7.1f} s] {text}")

        with throwaway_database() if bench.own_database else nullcontext():
            # Printed before the database is dropped, so that an error there loses no figure.
            self._tell(options["name"], scale, bench.run(scale=scale, log_progress=log_progress))

    def _tell(self, name: str, scale: int, result: Result) -> None:
        # Linux counts in kilobytes.
        peak = result.peak_rss_mb or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stdout.write(
            json.dumps(
                {
                    "bench": name,
                    "scale": scale,
                    "seconds": round(result.seconds, 3),
                    "rate_per_s": round(result.items / result.seconds, 1) if result.seconds else None,
                    "floor_seconds": _rounded(result.floor_seconds),
                    "ratio_to_floor": _ratio(result.seconds, result.floor_seconds),
                    "naive_seconds": _rounded(result.naive_seconds),
                    "ratio_to_naive": _ratio(result.seconds, result.naive_seconds),
                    "peak_rss_mb": round(peak, 1),
                    **result.extra,
                }
            )
        )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _ratio(seconds: float, other: float | None) -> float | None:
    return round(seconds / other, 3) if other else None

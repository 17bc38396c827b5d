"""Count conditions over the kept facts of a day fast enough for a page: all rows, or a sample of blocks."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Count, F, IntegerField, Max, Min, Q, QuerySet
from django.db.models.functions import Cast

from cases.models import AccountFacts
from cases.rules.trials.estimates import Estimate, counted, estimated

BLOCKS: Final = 200
# Seconds that a count stays in the cache. A new business date changes the key.
KEPT_SECONDS: Final = 300


class TooSlow(Exception):
    """The database needed more time than a page may wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The estimates by path, the number of rows (`population`), and how many of them were read (`rows`)."""

    estimates: Mapping[str, Estimate]
    population: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRows:
    """The facts of one day and segment that a person may see. `stamp` identifies them in the cache."""

    rows: "QuerySet[AccountFacts]"
    stamp: str
    counted_rows: int
    sampled_rows: int

    def count(self, wanted: Mapping[str, tuple[str, Q]]) -> Found:
        """Return the count or estimate of each condition; a condition counted recently comes from the cache."""
        population, lowest, highest = self._extent()
        keys = {place: self._key(text, population) for place, (text, _q) in wanted.items()}
        known: dict[str, Any] = cache.get_many(set(keys.values()))
        missing = {keys[place]: wanted[place][1] for place in wanted if keys[place] not in known}
        if missing:
            fresh = self._sample(missing, population, lowest, highest)
            cache.set_many(fresh, KEPT_SECONDS)
            known |= fresh
        rows = known[keys["accounts"]][1]
        return Found(estimates={place: known[key][0] for place, key in keys.items()}, population=population, rows=rows)

    def _key(self, text: str, population: int) -> str:
        plan = f"{self.stamp}|{population}|{self.counted_rows}|{self.sampled_rows}|{text}"
        return f"draft-counts:{hashlib.sha256(plan.encode()).hexdigest()}"

    def _extent(self) -> tuple[int, int, int]:
        key = self._key("extent", 0)
        kept: tuple[int, int, int] | None = cache.get(key)
        if kept is None:
            row = self.rows.aggregate(n=Count("pk"), low=Min("borrower_id"), high=Max("borrower_id"))
            kept = (row["n"], row["low"] or 0, row["high"] or 0)
            cache.set(key, kept, KEPT_SECONDS)
        return kept

    def _sample(
        self, missing: Mapping[str, Q], population: int, lowest: int, highest: int
    ) -> dict[str, tuple[Estimate, int]]:
        counts: dict[str, Any] = {f"n{i}": Count("pk", filter=q) for i, q in enumerate(missing.values())}
        if population <= self.counted_rows:
            row = self.rows.aggregate(**counts)
            return {key: (counted(value=row[f"n{i}"]), population) for i, key in enumerate(missing)}
        # About BLOCKS blocks, and fewer if blocks of a single borrower would already exceed the sample.
        step = max((highest - lowest) // BLOCKS + 1, ceil(population / self.sampled_rows))
        width = max(1, step * self.sampled_rows // population)
        # The blocks are the same in every call, so that a change of the count comes from the changed rule.
        inside = Q(pk__in=())
        for begin in range(lowest, highest + 1, step):
            inside |= Q(borrower_id__gte=begin, borrower_id__lt=begin + width)
        block = Cast((F("borrower_id") - lowest) / step, IntegerField())
        blocks: list[Any] = list(
            self.rows.filter(inside).values(block=block).annotate(rows=Count("pk"), **counts).order_by("block")
        )
        looked_at = sum(b["rows"] for b in blocks)
        return {
            key: (estimated(blocks=[(b[f"n{i}"], b["rows"]) for b in blocks], population=population), looked_at)
            for i, key in enumerate(missing)
        }


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """
    Limit every statement inside to `seconds`, and switch JIT off: compiling takes longer than such a count.

    :raises TooSlow: if a statement is cancelled.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('jit')")
            before = cursor.fetchone()
            _set(cursor, f"{round(seconds * 1000)}ms", "off")
            yield
            _set(cursor, *before)
    except OperationalError as error:
        # 57014 is PostgreSQL's query_canceled.
        if getattr(error.__cause__, "sqlstate", None) != "57014":
            raise
        raise TooSlow from error


def _set(cursor: Any, timeout: str, jit: str) -> None:
    cursor.execute("SELECT set_config('statement_timeout', %s, true), set_config('jit', %s, true)", [timeout, jit])

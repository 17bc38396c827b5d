"""Instants are read as Django reads them, whatever the database says of them."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg import DataError

from backoffice.wiring.postgresql.base import InstantLoader

OID = 1184


class DjangosLoader(BaseTzLoader):
    timezone = UTC


@given(at=st.datetimes(timezones=st.just(UTC)))
@example(at=datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC))
@example(at=datetime(2026, 3, 2, 2, 0, 17, tzinfo=UTC))
@example(at=datetime(1, 1, 1, tzinfo=UTC))
def test_an_instant_is_read_as_django_reads_it(at: datetime) -> None:
    text = (
        f"{at.year:04}"
        + at.strftime("-%m-%d %H:%M:%S")
        + (f".{at.microsecond:06}".rstrip("0") if at.microsecond else "")
    )

    found = InstantLoader(OID).load(f"{text}+00".encode())

    assert (found, found.tzinfo) == (at, UTC)
    assert found == DjangosLoader(OID).load(f"{text}+00".encode())


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/St_Johns"])
def test_the_database_gives_the_same_instant_in_utc_by_whatever_clock_it_says_it(zone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        cursor.execute("SELECT '2026-03-02 02:00:17.482913+00'::timestamptz, NULL::timestamptz")
        found, nothing = cursor.fetchone()

    assert (found, found.tzinfo, nothing) == (datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC), UTC, None)


@pytest.mark.parametrize("text", [b"0044-03-15 12:00:00+00 BC", b"infinity", b"10000-01-01 00:00:00+00"])
def test_what_python_has_no_instant_for_is_refused_as_before(text: bytes) -> None:
    with pytest.raises(DataError) as ours:
        InstantLoader(OID).load(text)
    with pytest.raises(DataError) as djangos:
        DjangosLoader(OID).load(text)

    assert str(ours.value) == str(djangos.value)

"""Reading by columns and reading by rows are one reading, whatever stands in the cells."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.profile.column_reader import ColumnReader
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.row_reader import ReadRow, row_reader

LATEST = date(2026, 3, 2)
HEADER = [
    "person",
    "branch",
    "name",
    "id",
    "login",
    "account",
    "limit",
    "dpd",
    "as_of",
    "opened",
    "phone",
    "line",
    "lat",
    "lon",
    "p1",
    "b1",
    "p2",
    "paid",
]
ACCOUNTS = """
kind = "ACCOUNTS"
identity_numbers = "cn"
[file]
empty = ["-", "NULL"]
[borrower]
external_ref = { column = "person" }
territory = { column = "branch", map = { "a" = "A" }, otherwise = "B" }
name = { column = "name" }
id_number = { column = "id" }
last_app_login_at = { column = "login" }
[account]
external_ref = { template = "x-{account}" }
product = "CASH"
credit_limit = { column = "limit" }
days_past_due = { derive = "latest_days_past_due" }
arrears_amount = { column = "dpd", floor = 0 }
as_of = { column = "as_of" }
opened_on = { columns = ["opened", "as_of"] }
[[phones]]
number = { column = "phone" }
[[addresses]]
line = { column = "line" }
latitude = { column = "lat" }
longitude = { column = "lon" }
[[statements]]
period = { column = "p1" }
balance = { column = "b1" }
days_past_due = { column = "dpd" }
[[statements]]
only_if = "balance"
period = { column = "p2" }
balance = { column = "b1" }
[[repayments]]
only_if = "amount"
external_ref = { template = "{account}-P" }
amount = { column = "paid" }
paid_on = { column = "as_of" }
"""
PROMISES = """
kind = "PROMISES"
[promise]
external_ref = { column = "person" }
account = { column = "account" }
channel = "VOICE"
amount = { column = "limit" }
promised_on = { column = "as_of" }
due_on = { column = "opened" }
state = { column = "branch", map = { "k" = "KEPT" }, otherwise = "OPEN" }
settled_on = { column = "p1" }
"""
CELLS = st.sampled_from(
    [
        "",
        " ",
        "-",
        "NULL",
        "a",
        "k",
        "A1",
        "张小三",
        "99999919850101123X",
        "999999199002290013",
        "2026-03-01",
        "2026-03-02",
        "2026-03-09",
        "2025-01-31",
        "2026-02-30",
        "2026-02-20 10:00:00",
        "0",
        "1",
        "-5",
        "1,000.50",
        "1.000,50",
        "100.005",
        "6.2E+18",
        "K1\u200b",
        "\ufeff'K1",
        "Ｋ１",
        "13900000064/1390000006",
        "021-55551234-801",
        "无",
        "310101900101001",
        "E12345678",
        "NaN",
        "1e400",
        "Infinity",
        "１２",
        "19900000001",
        "+86 199-0000",
        "=1+2",
        "a\tb",
        "x\x00y",
        "\ud800",
        "31.2",
        "91",
        "9" * 41,
        "字" * 90,
        "l" * 250,
    ]
)


SOUND = [
    "P1",
    "a",
    "张小三",
    "99999919850101123X",
    "2026-02-20 10:00:00",
    "K1",
    "100",
    "3",
    "2026-03-01",
    "2025-01-31",
    "19900000001",
    "示范路1号",
    "31.2",
    "121.4",
    "2026-02-01",
    "7",
    "2026-01-01",
    "5",
]
# A young account: all cells of both statements are empty, as a core writes months before the opening.
YOUNG = [cell if name not in ("dpd", "p1", "b1", "p2") else "" for name, cell in zip(HEADER, SOUND, strict=True)]
# Most cells sound, a few of them anything, now and then a cell too few.
ROWS = st.builds(
    lambda base, odd, width: [odd.get(p, cell) for p, cell in enumerate(base)][:width],
    st.sampled_from([SOUND, SOUND, YOUNG]),
    st.dictionaries(st.integers(0, len(SOUND) - 1), CELLS, max_size=4),
    st.sampled_from([len(SOUND)] * 9 + [len(SOUND) - 1]),
)


def _by_rows(profile: Any, rows: list[list[str]]) -> list[ReadRow]:
    read = row_reader(profile=profile, header=HEADER, latest=LATEST)
    return [read(cells) for cells in rows]


def _told(problems: Any) -> list[tuple[str, str, str, str]]:
    return [(p.field, p.value, p.reason, str(p.params)) for p in problems]


def _as_rows(read: ReadColumns) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """The sound rows as `row_reader` gives them, without what is not mapped."""
    found = {}
    for place, position in enumerate(read.sound):
        single = {s: {n: v[place] for n, v in columns.items()} for s, columns in read.single.items()}
        repeated: dict[str, Any] = {}
        for section, parts in read.repeated.items():
            for part in parts:
                if place in part.rows:
                    at = part.rows.index(place)
                    repeated.setdefault(section, []).append({n: v[at] for n, v in part.values.items()})
        found[position] = (single, repeated)
    return found


def _mapped(row: ReadRow, names: dict[str, frozenset[str]]) -> tuple[dict[str, Any], dict[str, Any]]:
    def said(section: str, values: dict[str, Any]) -> dict[str, Any]:
        return {n: v for n, v in values.items() if v is not None and n in names[section]}

    return (
        {s: said(s, v) for s, v in row.single.items()},
        {s: [said(s, v) for v in values] for s, values in row.repeated.items()},
    )


@pytest.mark.parametrize("text", [ACCOUNTS, PROMISES])
@settings(max_examples=100, deadline=None)
@given(batches=st.lists(st.lists(ROWS, max_size=12), max_size=3))
def test_columns_say_what_rows_say(text: str, batches: list[list[list[str]]]) -> None:
    profile = parse_profile(text=text, name="test")
    names = {b.section: profile.mapped(b.section) for b in profile.blocks}
    reader = ColumnReader(profile=profile, header=HEADER, latest=LATEST)
    for rows in batches:
        expected = _by_rows(profile, rows)

        read = reader.read(rows)

        assert {p: _told(found) for p, found in read.problems.items()} == {
            p: _told(row.problems) for p, row in enumerate(expected) if row.problems
        }
        assert {p: sorted(_told(found)) for p, found in read.doubts.items() if p in read.sound} == {
            p: sorted(_told(row.doubts)) for p, row in enumerate(expected) if row.doubts and not row.problems
        }
        nothing_left_out = {
            p: (
                {s: {n: v for n, v in values.items() if v is not None} for s, values in single.items()},
                {s: [{n: v for n, v in one.items() if v is not None} for one in many] for s, many in repeated.items()},
            )
            for p, (single, repeated) in _as_rows(read).items()
        }
        assert nothing_left_out == {p: _mapped(row, names) for p, row in enumerate(expected) if not row.problems}


def test_a_batch_of_sound_and_bad_rows_keeps_its_order() -> None:
    profile = parse_profile(text=ACCOUNTS, name="test")
    bad = [*SOUND[:6], "NaN", *SOUND[7:]]
    twice = [*SOUND[:16], "2026-02-01", SOUND[17]]
    rows = [SOUND, bad, [*SOUND[:5], "K2", *SOUND[6:]], twice, SOUND[:3], [*SOUND[:5], "K3", *SOUND[6:]]]

    read = ColumnReader(profile=profile, header=HEADER, latest=LATEST).read(rows)

    assert read.sound == [0, 2, 5]
    assert read.single["account"]["external_ref"] == ["x-K1", "x-K2", "x-K3"]
    assert [p.rows for p in read.repeated["statements"]] == [[0, 1, 2], [0, 1, 2]]
    assert {p: found[0].field for p, found in read.problems.items()} == {
        1: "account.credit_limit",
        3: "statements.period",
        4: "",
    }


def test_a_statement_without_any_cell_is_left_out() -> None:
    profile = parse_profile(text=ACCOUNTS, name="test")
    at = HEADER.index("b1")
    without_period = [*YOUNG[:at], "5", *YOUNG[at + 1 :]]

    read = ColumnReader(profile=profile, header=HEADER, latest=LATEST).read([YOUNG, SOUND, without_period])

    assert read.sound == [0, 1]
    assert [(part.rows, len(part.values["period"])) for part in read.repeated["statements"]] == [([1], 1), ([1], 1)]
    assert [problem.field for problem in read.problems[2]] == ["statements[1].period", "statements[2].period"]


def test_a_column_of_many_texts_is_read_the_same_in_every_batch() -> None:
    profile = parse_profile(text=ACCOUNTS, name="test")
    reader = ColumnReader(profile=profile, header=HEADER, latest=LATEST)
    rows = [[*SOUND[:6], str(n), *SOUND[7:]] for n in range(9000)]

    first, second = reader.read(rows), reader.read([*rows[:10], [*SOUND[:6], "many", *SOUND[7:]]])

    assert [int(v) for v in first.single["account"]["credit_limit"]] == list(range(9000))
    assert (len(second.sound), list(second.problems)) == (10, [10])

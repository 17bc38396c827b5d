"""The declaration of the 48 rows: what it names exists, and what is not held is said."""

from dataclasses import replace

import pytest

from visits.rules.conduct.rows import Held, conduct_rows, row_faults

ROWS = conduct_rows()
FILES = frozenset(path for row in ROWS for path in row.code)
TESTS = frozenset(node for row in ROWS for node in row.tests)


def test_the_declaration_as_it_stands_has_no_fault():
    assert row_faults(rows=ROWS, files=FILES, tests=TESTS) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"code": ("visits/nowhere.py",)}, "Row 2: there is no file visits/nowhere.py."),
        ({"tests": ("visits/test_nothing.py::test_it",)}, "Row 2: there is no test visits/test_nothing.py::test_it."),
        ({"missing": "something"}, "Row 2: say what is missing where a row is not held, and nowhere else."),
        ({"status": Held.PARTLY}, "Row 2: say what is missing where a row is not held, and nowhere else."),
        ({"tests": ()}, "Row 2: name code, moments, doors and tests, or leave the row to people."),
        ({"row": 3}, "The rows are not 1 to 48 in order."),
    ],
)
def test_a_wrong_row_is_named(changes, fault):
    rows = (ROWS[0], replace(ROWS[1], **changes), *ROWS[2:])

    assert row_faults(rows=rows, files=FILES, tests=TESTS) == [fault]

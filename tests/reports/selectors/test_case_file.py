"""The PDF of a case file: its words in both languages, the same bytes for the same facts, and texts of values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from reports.selectors.case_file import Section, amount_text, case_file_pdf, day_text, person_text
from tests.factories.casework import make_decision
from tests.factories.portfolio import make_overdue
from tests.pdf_text import pdf_text

SECTIONS = [
    Section(heading="Borrower", rows=(("Name", "张小三"),)),
    Section(heading="Statements", header=("Month", "Due"), rows=(("2025-01", "800.00"), ("2025-02", "900.00"))),
    Section(heading="Visits", header=("Day",)),
]


@pytest.fixture
def decision(shanghai: Any) -> Any:
    return make_decision(account=make_overdue(territory=shanghai), kind="LEGAL")


@pytest.mark.parametrize(("language", "nothing"), [("en", "Nothingisrecorded."), ("zh-hans", "没有记录。")])
def test_the_pdf_prints_every_cell_and_says_what_is_empty(decision, language, nothing, settings):
    settings.LENDER_NAME = "示范消费金融"
    first, second = (case_file_pdf(decision=decision, sections=SECTIONS, language=language) for _one in range(2))

    text = pdf_text(first)
    assert first == second
    cells = ("Borrower", "张小三", "Statements", "2025-02", "900.00", "示范消费金融", str(decision), nothing)
    assert [cell for cell in cells if cell not in text] == []
    assert text.count("没有记录") + text.count("Nothingisrecorded.") == 1


def test_values_as_text():
    assert [day_text(each) for each in (date(2026, 3, 2), datetime(2026, 3, 1, 20, tzinfo=UTC), None)] == [
        "2026-03-02",
        "2026-03-02",
        "",
    ]
    assert [amount_text(Decimal(32000), code) for code in ("CNY", "JPY", "KWD")] == [
        "32,000.00",
        "32,000",
        "32,000.000",
    ]
    assert (amount_text(None, "CNY"), person_text(None), person_text("Li")) == ("", "", "Li")

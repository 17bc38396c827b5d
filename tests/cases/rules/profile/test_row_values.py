"""Values of a row that are in doubt."""

from datetime import date

import pytest

from backoffice.core.canonical.telephones import ReadTelephones, Telephone
from cases.rules.profile.refusals import NOT_A_PHONE, Doubt
from cases.rules.profile.row_values import ReadRow, doubt_identity, identity_doubt, taken

ON = date(2026, 3, 2)
SOUND = Telephone(number="+8613900000060")


def doubt(field: str, value: str, reason: str) -> Doubt:
    return Doubt(field=field, value=value, reason=reason, params={})


def test_taken_leaves_a_sound_value_and_takes_out_doubts() -> None:
    wrong = doubt("borrower.name", "x" * 90, "too long")
    key = "phones[2].number"

    assert taken(value="a", key=key) == ("a", [])
    assert taken(value=wrong, key="borrower.name") == (None, [wrong])
    some = ReadTelephones(telephones=(SOUND,), unsound=("123",))
    assert taken(value=some, key=key) == (some, [doubt(key, "123", NOT_A_PHONE)])
    none = ReadTelephones(telephones=(), unsound=("123",))
    assert taken(value=none, key=key) == (None, [doubt(key, "123", NOT_A_PHONE)])


@pytest.mark.parametrize(
    ("number", "document", "reason"),
    [
        ("11010519491231002X", None, None),
        ("E12345678", None, None),
        ("E12345678", "RESIDENT_ID", "Not 18 or 15 characters of an identity number."),
        ("310101199001010010", None, "The check digit does not match."),
    ],
)
def test_identity_doubt_asks_the_document(number: str, document: str | None, reason: str | None) -> None:
    found = identity_doubt(number=number, document=document, on=ON)

    assert found == (doubt("borrower.id_number", number, reason) if reason else None)


def test_doubt_identity_moves_the_number_from_the_values_to_the_doubts() -> None:
    row = ReadRow(single={"borrower": {"id_number": "310101199001010010"}})

    doubt_identity(row=row, on=ON)

    assert row.single["borrower"]["id_number"] is None
    assert [each.value for each in row.doubts] == ["310101199001010010"]

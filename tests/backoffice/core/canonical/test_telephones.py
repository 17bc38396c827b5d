"""Every spelling of a telephone number has one form; what is no number is said to be none."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.core.canonical.telephones import ReadTelephones, Telephone, canonical_telephone, read_telephones

MOBILE = "+8613900000060"


def read(text: str, region: str = "CN") -> ReadTelephones:
    return read_telephones(text=text, region=region)


@pytest.mark.parametrize(
    "text",
    [
        "13900000060",
        "+86 139 0000 0060",
        "0086-13900000060",
        "8613900000060",
        "139\u20110000\u20110060",
        "139.0000.0060",
        "１３９００００００６０",
        "'13900000060",
        "13900000060.0",
        "(139) 0000-0060",
        "013900000060",
        "\u200b13900000060",
        MOBILE,
    ],
)
def test_spellings_of_one_number_have_one_form(text: str) -> None:
    assert read(text) == ReadTelephones(telephones=(Telephone(number=MOBILE),))
    assert canonical_telephone(text=text, region="CN") == MOBILE


@pytest.mark.parametrize(
    "text",
    [
        "021-55551234-801",
        "021-55551234转801",
        "(021)55551234 转 801",
        "021 55551234 ext. 801",
        "+86 21 5555 1234 x801",
        "02155551234#801",
        "021-55551234 分机801",
    ],
)
def test_an_extension_stands_apart(text: str) -> None:
    assert read(text) == ReadTelephones(telephones=(Telephone(number="+862155551234", extension="801"),))
    assert canonical_telephone(text=text, region="CN") == "+862155551234"


@pytest.mark.parametrize(
    "text",
    [
        "13900000064/13900000065",
        "13900000064;13900000065",
        "13900000064、 139 0000 0065",
        "13900000064 13900000065",
        "13900000064\n13900000065",
        "13900000064 或 13900000065",
    ],
)
def test_a_list_is_split(text: str) -> None:
    numbers = (Telephone(number="+8613900000064"), Telephone(number="+8613900000065"))

    assert read(text) == ReadTelephones(telephones=numbers)


def test_the_sound_numbers_of_a_list_are_taken() -> None:
    assert read("13900000064/1390000006") == ReadTelephones(
        telephones=(Telephone(number="+8613900000064"),), unsound=("1390000006",)
    )
    assert read("13900000064 / 无") == ReadTelephones(telephones=(Telephone(number="+8613900000064"),))


@pytest.mark.parametrize(
    "text",
    [
        "00000000000",
        "11111111111",
        "1390000007",
        "861390000068",
        "55551234",
        "1.39E+10",
        "021/55551234",
        "139-0000-0060(妻)",
        "x",
        "9" * 40,
    ],
)
def test_what_is_no_number_comes_back_as_written(text: str) -> None:
    assert read(text) == ReadTelephones(telephones=(), unsound=(text,))


@pytest.mark.parametrize("text", ["", "无", " - ", "N/A"])
def test_words_for_nothing_are_no_number_and_no_doubt(text: str) -> None:
    assert read(text) == ReadTelephones(telephones=())


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("400-800-1234", "CN", "+864008001234"),
        ("010-12345678", "CN", "+861012345678"),
        ("0912 345 678", "TW", "+886912345678"),
        ("(650) 253-0000", "US", "+16502530000"),
        ("+852 2345 6789", "CN", "+85223456789"),
    ],
)
def test_numbers_of_other_plans(text: str, region: str, number: str) -> None:
    assert read(text, region) == ReadTelephones(telephones=(Telephone(number=number),))


def test_unsound_spellings_that_read_the_same_stay_the_same() -> None:
    assert canonical_telephone(text="1390-000 007", region="CN") == canonical_telephone(text="1390000007", region="CN")


@given(number=st.integers(0, 10**9 - 1), prefix=st.sampled_from(["13", "15", "18", "19"]))
def test_the_short_way_of_mainland_mobiles_says_what_the_library_says(number: int, prefix: str) -> None:
    text = f"{prefix}{number:09d}"
    parsed = phonenumbers.parse(text, "CN")
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    assert read(text).telephones[0].number == written

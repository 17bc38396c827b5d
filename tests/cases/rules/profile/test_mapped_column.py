"""One column of a batch: plain texts at once, others one by one, doubtful ones marked."""

from cases.rules.profile.mapped_column import REFUSED, MappedColumn
from cases.rules.profile.parse import parse_profile
from tests.cases.rules.profile.profile_texts import profile_text


def column(section: str, field: str) -> MappedColumn:
    profile = parse_profile(text=profile_text(top='identity_numbers = "cn"'), name="test")
    block = next(block for block in profile.blocks if block.section == section)
    return MappedColumn(block.mappings[field], {"id": 0}, profile, block)


def test_references_with_invisible_characters_are_read_as_those_without() -> None:
    refs = column("account", "external_ref")

    assert refs.read([["K1"], ["K2"]]) == ["K1", "K2"]
    assert refs.read([["K1\u200b"], ["'K2"], ["\ufeffK3"]]) == ["K1", "K2", "K3"]
    assert refs.read([["6.2E+18"], ["K1"]]) == [REFUSED, "K1"]
    assert (refs.refused, refs.doubted) == (True, False)


def test_a_word_for_no_value_among_plain_references_is_refused() -> None:
    refs = column("borrower", "external_ref")

    assert refs.read([["K1"], ["NULL"], ["-"]]) == ["K1", REFUSED, REFUSED]
    assert refs.read([["K1"], ["#REF!"]]) == ["K1", REFUSED]


def test_a_currency_is_looked_at_also_where_all_texts_are_plain() -> None:
    profile = parse_profile(text=profile_text(account='currency = { column = "id" }'), name="test")
    block = next(block for block in profile.blocks if block.section == "account")
    currencies = MappedColumn(block.mappings["currency"], {"id": 0}, profile, block)

    assert currencies.read([["CNY"], ["RMB"]]) == ["CNY", REFUSED]

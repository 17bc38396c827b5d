"""What a checked profile reads."""

from cases.rules.profile.parse import parse_profile
from cases.rules.profile.records import template_columns
from tests.cases.rules.profile.profile_texts import profile_text


def test_columns_name_the_first_key_that_reads_each() -> None:
    profile = parse_profile(text=profile_text(account='segment = { template = "{id}-{branch}" }'), name="test")

    assert profile.columns == {"id": "borrower.external_ref", "branch": "account.segment"}


def test_mapped_names_the_fields_of_all_blocks_of_a_section() -> None:
    profile = parse_profile(
        text=profile_text(account='[[phones]]\nnumber = { column = "a" }\n[[phones]]\nnumber = { column = "b" }'),
        name="test",
    )

    assert profile.mapped("phones") == frozenset({"number"})
    assert profile.mapped("addresses") == frozenset()


def test_fingerprint_follows_the_text() -> None:
    first, same, other = (
        parse_profile(text=text, name="test").fingerprint
        for text in (profile_text(), profile_text(), profile_text() + "\n# a comment")
    )

    assert (first == same, first == other) == (True, False)


def test_template_columns_are_the_names_in_braces() -> None:
    assert template_columns("uci-{ID}-{month}") == ("ID", "month")

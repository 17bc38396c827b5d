"""Words of totals are written into a profile's text, which otherwise stays as it is."""

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.total_words import with_total_words
from tests.cases.rules.profile.profile_texts import profile_text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[file]\nempty = ["-"]', '[file]\ntotal_rows = ["合计"]\nempty = ["-"]'),
        ("[ file ] # how\r\nskip_lines = 1\r", '[ file ] # how\ntotal_rows = ["合计"]\r\nskip_lines = 1\r'),
        ('[file]\ntotal_rows = ["Sum"]', '[file]\ntotal_rows = ["Sum", "合计"]'),
        ("[file]\ntotal_rows = [\n'Sum',\n]", '[file]\ntotal_rows = ["Sum", "合计"]'),
    ],
)
def test_words_are_written_to_the_table_of_the_file(before: str, after: str) -> None:
    changed = with_total_words(text=profile_text(top=before), name="test", words=["合计"])

    assert changed == profile_text(top=after)


def test_table_of_the_file_is_added_where_there_is_none() -> None:
    changed = with_total_words(text=profile_text(), name="test", words=["合计", "sum"])

    assert changed == profile_text().rstrip() + '\n\n[file]\ntotal_rows = ["合计", "sum"]\n'
    assert parse_profile(text=changed, name="test").file.total_rows == ("合计", "sum")


def test_known_words_change_nothing() -> None:
    text = profile_text(top='[file]\ntotal_rows = ["合 计："]')

    assert with_total_words(text=text, name="test", words=["合计"]) == text


def test_profile_without_a_place_for_the_words_says_what_to_write() -> None:
    text = profile_text(top='file = { empty = ["-"] }')

    with override("en"), pytest.raises(InvalidInput, match=r'Write there yourself: total_rows = \["合计"\]'):
        with_total_words(text=text, name="test", words=["合计"])

"""The lists of words and what the operator adds to them."""

import pytest

from cases.rules.wording.scan import counted, scan
from cases.rules.wording.word_lists import LISTS, word_lists


def test_the_operator_adds_words_and_removes_none():
    shipped, more = word_lists(), word_lists(more={"claim": ["上新闻", "shame you*"]})
    text = "让你上新闻，还要坐牢; we will shame yourself"

    assert counted(found=scan(text=text, words=shipped)) == {"CLAIM": 1}
    assert counted(found=scan(text=text, words=more)) == {"CLAIM": 3}
    assert (more.version, set(more.lists)) == (f"{shipped.version}+", set(LISTS))


@pytest.mark.parametrize("more", [{"threats": ["x"]}, {"claim": ["坐牢", " * "]}])
def test_a_wrong_addition_is_refused(more):
    with pytest.raises(ValueError, match="list of words"):
        word_lists(more=more)

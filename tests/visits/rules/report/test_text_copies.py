"""Pieces of texts: what is compared, what is too short, and what stands for a text."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from visits.rules.report.text_copies import KEPT, PIECES_MIN, SHARED_MIN, kept_digests, pieces

LONG = (
    "借款人在家，出示身份证与租赁合同，自述去年十月公司裁员后一直打零工，妻子在超市上班，"
    "每月收入约四千元，房租一千八百元，孩子上小学，表示愿意从下月起每月还款五百元。"
)


def kept(text: str) -> list[int]:
    return kept_digests(digests=[sha256(each.encode()).digest() for each in pieces(text=text)])


def test_marks_spaces_and_case_make_no_other_text() -> None:
    assert pieces(text=LONG) == pieces(text=LONG.replace("，", " , ").replace("。", "\n"))
    assert pieces(text="ABCDEFGH" * 9) == pieces(text="abcdefgh" * 9)


def test_a_phrase_is_not_compared() -> None:
    assert pieces(text="家中无人，已留置通知信封，邻居称其早出晚归。") == frozenset()
    assert len(pieces(text=LONG)) >= PIECES_MIN


def test_a_text_with_a_few_words_changed_shares_nearly_all_and_another_text_nothing() -> None:
    changed = LONG.replace("五百元", "六百元")
    other = "户主称本人在外地务工，仅过年回家，目前由其父母居住，电话可以转达，门口有新换的对联，水电正常缴纳，邻居认识该人。"

    assert len(set(kept(LONG)) & set(kept(changed))) >= SHARED_MIN
    assert set(kept(LONG)) & set(kept(other)) == set()


@given(digests=st.lists(st.binary(min_size=8, max_size=32)))
def test_the_smallest_stand_for_a_text_in_whatever_order(digests: list[bytes]) -> None:
    found = kept_digests(digests=digests)

    assert found == kept_digests(digests=reversed(digests)) == sorted(set(found))
    assert len(found) <= KEPT
    assert all(-(2**63) <= each < 2**63 for each in found)

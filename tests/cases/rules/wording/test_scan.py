"""What a search of a text finds, and what is kept of it."""

import pytest

from cases.enums import WordMark
from cases.rules.wording.scan import counted, scan, without
from cases.rules.wording.word_lists import word_lists

WORDS = word_lists()


def marks(text, **options):
    return [(each.mark, text[each.start : each.end]) for each in scan(text=text, words=WORDS, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("再不还就要坐牢", [(WordMark.CLAIM, "坐牢")]),
        ("会把您 列 失 信", [(WordMark.CLAIM, "列 失 信")]),
        ("列入失信名单、拉黑", [(WordMark.CLAIM, "失信名单"), (WordMark.CLAIM, "拉黑")]),
        ("已收到法院传票", [(WordMark.CLAIM, "法院"), (WordMark.CLAIM, "传票")]),
        ("You will be ARRESTED and blacklisted", [(WordMark.CLAIM, "ARRESTED"), (WordMark.CLAIM, "blacklisted")]),
        ("the courtyard of the house", []),
        ("他说不想活了", [(WordMark.SELF_HARM, "不想活")]),
        ("He wants to die.", [(WordMark.SELF_HARM, "wants to die")]),
        ("愿意分期，下月十日前付清", []),
        ("联系 138 0013-8000 核实", [(WordMark.TELEPHONE, "138 0013-8000")]),
        ("联系１３８００１３８０００核实", [(WordMark.TELEPHONE, "１３８００１３８０００")]),
        ("电话一三八零零一三八零零零", [(WordMark.TELEPHONE, "一三八零零一三八零零零")]),
        ("座机021-12345678", [(WordMark.TELEPHONE, "021-12345678")]),
        ("call +44 20 7946 0958", [(WordMark.TELEPHONE, "+44 20 7946 0958")]),
        ("证件 99999919850101123X", [(WordMark.IDENTITY_NUMBER, "99999919850101123X")]),
        ("证件 110105491231002", [(WordMark.IDENTITY_NUMBER, "110105491231002")]),
        # Sixteen digits are a bank card, whose middle is no date.
        ("编号 6222021234567890", []),
        ("金额 12345678901 元", []),
        ("邻居王五说他搬走了", [(WordMark.HEARSAY, "邻居王五说"), (WordMark.NAME, "王五")]),
        ("邻居说他搬走了", [(WordMark.HEARSAY, "邻居说")]),
        ("His neighbour Mr Wang said so", [(WordMark.HEARSAY, "neighbour Mr Wang said"), (WordMark.NAME, "Mr Wang")]),
    ],
)
def test_what_is_found(text, expected):
    assert marks(text) == expected


def test_words_of_a_debt_are_looked_for_only_in_what_a_third_person_sees():
    assert marks("他欠款逾期") == []
    assert marks("他欠款逾期", debt=True) == [(WordMark.DEBT, "欠款"), (WordMark.DEBT, "逾期")]
    assert marks("about his loan", debt=True) == [(WordMark.DEBT, "loan")]


def test_data_of_other_people_are_hidden_and_the_rest_stays():
    text = "邻居王五说他在厂里，电话13800138000，说要拉黑"

    assert without(text=text, found=scan(text=text, words=WORDS)) == "邻居■■说他在厂里，电话■■■，说要拉黑"
    assert counted(found=scan(text=text, words=WORDS)) == {"CLAIM": 1, "HEARSAY": 1, "NAME": 1, "TELEPHONE": 1}
    assert without(text="", found=()) == ""

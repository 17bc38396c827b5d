"""Names of employers as contracts, seals and people write them."""

import pytest

from visits.rules.comparison.employers import compare_employers
from visits.rules.comparison.matching import Match

ONE_EMPLOYER = [
    ("示例制造有限公司", "示例制造"),
    ("杭州示例科技有限公司", "示例科技(杭州)有限公司"),
    ("浙江省杭州市示例科技股份有限公司", "示例科技股份公司"),
    ("示例科技有限责任公司", "示例科技有限公司北京分公司"),
    ("北京京东世纪贸易有限公司", "京东"),
    ("中国银行股份有限公司", "中行"),
    ("中国工商银行", "工行"),
    ("中国工商银行股份有限公司杭州分行", "工商银行"),
    ("杭州市第一人民医院", "第一人民医院"),
    ("Acme Co., Ltd.", "ACME Limited"),
    ("ＡＢＣ科技有限公司", "abc科技"),
    ("示例 制造 有限公司", "示例制造（有限公司）"),
    ("上海示例餐饮管理有限公司", "上海市示例餐饮管理有限公司"),
    ("中国移动通信集团浙江有限公司", "中国移动"),
    ("腾讯科技(深圳)有限公司", "深圳腾讯科技"),
    ("华为技术有限公司", "华为技术有限公司"),
    ("杭州西湖区示例小学", "示例小学"),
    ("中国石油天然气股份有限公司", "中石油"),
    ("富士康科技集团", "富士康"),
    ("Foo-Bar Inc", "foo bar llc"),
    ("The Acme Group", "Acme"),
]
TWO_EMPLOYERS = [
    ("示例制造有限公司", "样本制造有限公司"),
    ("杭州示例科技有限公司", "杭州云深科技有限公司"),
    ("中国银行", "中国建设银行"),
    ("杭州市第一人民医院", "杭州市第二人民医院"),
    ("Acme Ltd", "Apex Ltd"),
    ("示例制造有限公司", "示例贸易有限公司"),
    ("北京华信科技有限公司", "北京华讯科技有限公司"),
    ("顺丰速运", "圆通速递"),
    ("阿里巴巴", "腾讯"),
    ("上海大众汽车", "北京现代汽车"),
]


@pytest.mark.parametrize(("left", "right"), ONE_EMPLOYER)
def test_legal_forms_places_and_short_names_are_the_same_employer(left, right):
    assert compare_employers(left=left, right=right) == Match.SAME
    assert compare_employers(left=right, right=left) == Match.SAME


@pytest.mark.parametrize(("left", "right"), TWO_EMPLOYERS)
def test_two_employers_differ(left, right):
    assert compare_employers(left=left, right=right) == Match.DIFFERENT
    assert compare_employers(left=right, right=left) == Match.DIFFERENT


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("示例制造有限公司", "杭州样本人力资源有限公司"),
        ("示例制造有限公司", "无"),
        ("示例制造有限公司", "自由职业"),
        ("示例制造有限公司", ""),
        ("示例制造有限公司", "Example Manufacturing Ltd"),
        ("Self-employed", "Acme Ltd"),
    ],
)
def test_who_pays_for_others_and_who_has_no_employer_says_nothing(left, right):
    assert compare_employers(left=left, right=right) == Match.UNKNOWN
    assert compare_employers(left=right, right=left) == Match.UNKNOWN


def test_a_row_of_legal_forms_is_read_at_once():
    # Without the possessive repetition this takes longer than anybody waits: each way of dividing the row is tried.
    assert compare_employers(left="示例" + "股份公司" * 40 + "路", right="样本") == Match.DIFFERENT

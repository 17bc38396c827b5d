"""Values of contradictions, masked."""

from decimal import Decimal

import pytest

from visits.contradiction_enums import Subject
from visits.rules.contradictions.claims import Claim
from visits.rules.contradictions.masks import masked_amount, shown


@pytest.mark.parametrize(
    ("subject", "value", "masked"),
    [
        (Subject.NAME, "张小三", "张*三"),
        (Subject.ID_NUMBER, "110101199003074610", "**************4610"),
        (Subject.HOME, "浙江省杭州市西湖区文三路100号", "浙江省杭州市***"),
        (Subject.EMPLOYER, "示例制造有限公司", "示例***"),
        (Subject.PLACE, "30.2741,120.1551", "***"),
        (Subject.WORK, "WORKS", "WORKS"),
    ],
)
def test_a_value_can_be_told_apart_and_not_read(subject, value, masked):
    assert shown(claim=Claim(subject=subject, source="LEASE", ref="paper:1", value=value)) == masked


@pytest.mark.parametrize(("amount", "masked"), [("12500.00", "1*,***"), ("800", "8**"), ("0", "0")])
def test_an_amount_shows_its_first_digit_and_its_size(amount, masked):
    assert masked_amount(Decimal(amount)) == masked
    claim = Claim(subject=Subject.INCOME, source="LEASE", ref="paper:1", amount=Decimal(amount))
    assert shown(claim=claim) == masked

"""The one form of a door."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.core.canonical.addresses import canonical_door

SPELLINGS = [
    (
        "文三路123-3-2-501",
        [
            "浙江省杭州市西湖区文三路123号3号楼2单元501室",
            "杭州市西湖区文三路123号3幢2单元501",
            "文三路123号3-2-501",
            "西湖区文三路１２３号三号楼二单元501室（近地铁）",
            "浙江省 杭州市 西湖区 文三路 123 号 3 号楼 2 单元 501 室",
            "文三路123号—3栋—2单元—五〇一",
        ],
    ),
    ("建国路112", ["北京市朝阳区建国路一百一十二号", "建国路112", "建国路112号"]),
    ("建国路32-205", ["建国路三十二号二百零五室", "建国路32号205"]),
    ("李家村3组12", ["李家村三组12号", "李家村3组十二号"]),
    ("幸福小区3-2-501", ["幸福小区3栋2单元501室", "幸福小区3-2-501"]),
    ("示范路1A101", ["示范路1号A座101室", "示范路1号A-101"]),
    ("民族大道1", ["广西壮族自治区南宁市青秀区民族大道1号", "民族大道1号"]),
    ("北京路1", ["新市区北京路1号", "乌鲁木齐市新市区北京路1号"]),
    ("12B 3 BAKER ST", ["12B Baker Street, Flat 3", "Flat 3, 12b Baker St."]),
    ("123 5B MAIN ST", ["123 Main St Apt 5B", "123 Main Street, #5B"]),
]


@pytest.mark.parametrize(("form", "spellings"), SPELLINGS)
def test_all_spellings_of_a_door_have_one_form(form: str, spellings: list[str]) -> None:
    assert {canonical_door(line=line) for line in spellings} == {form}


@pytest.mark.parametrize("line", ["", " ", "无", "李家村", "上海市黄浦区", "Rose Cottage"])
def test_an_address_without_a_number_names_no_door(line: str) -> None:
    assert canonical_door(line=line) == ""


def test_neighbours_have_doors_of_their_own() -> None:
    lines = [
        "莫干山路1-11",
        "莫干山路11-1",
        "莫干山路111",
        "莫干山路1号1栋1室",
        "示范路1号2室",
        "示范路1号12室",
        "示范路1号",
    ]

    assert len({canonical_door(line=line) for line in lines}) == len(lines)


@given(line=st.text())
def test_the_form_of_any_text_is_a_form(line: str) -> None:
    form = canonical_door(line=line)

    assert form == form.strip("-")
    assert form == "" or any(map(str.isdigit, form))

"""The parts of an address."""

import pytest

from visits.rules.comparison.address_parts import read_address


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (
            "浙江省杭州市西湖区文三路100号阳光小区3号楼2单元501室",
            {"province": "浙江", "city": "杭州", "district": "西湖", "road": "文三路", "house": "100", "estate": "阳光"}
            | {"building": "3", "unit": "2", "room": "501"},
        ),
        ("上海市浦东新区张江路1234弄56号701室", {"district": "浦东", "lane": "1234", "building": "56", "room": "701"}),
        ("湖南省长沙市岳麓区李家村三组12号", {"village": "李家", "group": "3", "house": "12", "road": ""}),
        ("北京西路12号", {"province": "", "road": "北京西路", "house": "12"}),
        ("昆山市长江北路12号", {"district": "昆山", "road": "长江北路"}),
        ("新疆维吾尔自治区乌鲁木齐市天山区解放路1号", {"province": "新疆", "city": "乌鲁木齐", "district": "天山"}),
        ("阳光小区3楼501室", {"building": "3", "room": "501"}),
        ("阳光小区2栋5楼501室", {"building": "2", "room": "501"}),
        ("科技路48号创业广场B1203", {"building": "B", "room": "1203"}),
        ("延边朝鲜族自治州延吉市人民路5号", {"city": "延边", "district": "延吉", "road": "人民路"}),
    ],
)
def test_parts_are_read(line, parts):
    read = read_address(line=line)
    assert {name: getattr(read, name) for name in parts} == parts

"""Addresses in the spellings that people and authorities use, and addresses that are another dwelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules.comparison.addresses import compare_addresses, differing_part
from visits.rules.comparison.matching import Match

ONE_DWELLING = [
    ("浙江省杭州市西湖区文三路100号阳光小区3号楼2单元501室", "杭州西湖区文三路100号3栋2-501"),
    ("浙江省杭州市西湖区文三路100号阳光小区3号楼2单元501室", "杭州市西湖区阳光小区3幢2单元501"),
    ("北京市朝阳区建国路88号5栋1203室", "北京市北京市朝阳区建国路８８号５号楼1203"),
    ("北京市朝阳区建国路88号5栋1203室", "建国路88号5-1203"),
    ("北京朝阳区建国路88号院5号楼3单元1203", "朝阳区建国路88号5号楼3-1203室"),
    ("上海市浦东新区张江路1234弄56号701室", "上海浦东张江路1234弄56号701"),
    ("上海市黄浦区南京东路100号", "南京东路100号"),
    ("广东省深圳市南山区深南大道9000号科技园A座1501", "深圳市南山区深南大道9000号A座1501室"),
    ("江苏省苏州市昆山市长江北路12号", "江苏昆山市长江北路12号"),
    ("湖南省长沙市岳麓区李家村三组12号", "长沙岳麓区李家村3组12号"),
    ("广西壮族自治区南宁市青秀区民族大道十二号", "广西南宁青秀区民族大道12号"),
    ("内蒙古自治区呼和浩特市赛罕区大学西街235号", "内蒙古呼和浩特赛罕区大学西街235号"),
    ("501室,3号楼,阳光小区,文三路100号,西湖区,杭州市,浙江省", "浙江省杭州市西湖区文三路100号阳光小区3号楼501室"),
    ("501室 3号楼 阳光小区 朝阳区 北京市", "北京市朝阳区阳光小区3号楼501室"),
    ("北京市朝阳区望京街道阜通东大街6号院3号楼1508", "北京市朝阳区阜通东大街6号3号楼1508室"),
    ("四川省成都市武侯区人民南路四段11号", "成都市武侯区人民南路四段11号"),
    ("重庆市渝北区新南路三百六十八号2栋7-3", "重庆渝北区新南路368号2幢7-3"),
    ("杭州市西湖区文三路100号阳光小区三幢二单元五〇一室", "杭州市西湖区文三路100号阳光小区3-2-501"),
    ("东莞市长安镇乌沙村李屋路12号", "广东省东莞市长安镇李屋路12号"),
    ("山东省济南市历下区解放路12号5楼501", "济南历下区解放路12号501室"),
    ("12 Main Street, Apt 5, Springfield", "Apt 5, 12 Main St., Springfield"),
    ("河北省石家庄市长安区中山东路39号", "石家庄市长安区中山东路39号"),
    ("天津市和平区南京路189号津汇广场1座2901", "天津和平南京路189号津汇广场1座2901室"),
    ("北京市海淀区中关村大街27号", "北京海淀中关村大街27号"),
    ("陕西省西安市雁塔区科技路48号创业广场B座1203", "西安市雁塔区科技路48号创业广场B1203"),
    ("福建省厦门市思明区湖滨南路76号之二", "厦门思明区湖滨南路76号之2"),
    ("上海市徐汇区漕溪北路595号附2号", "上海徐汇漕溪北路595号附2号"),
    ("湖北省武汉市洪山区珞喻路1037号", "武汉市洪山区珞喻路1037号（华中科技大学）"),
]
TWO_DWELLINGS = [
    ("浙江省杭州市西湖区文三路100号阳光小区3号楼2单元501室", "杭州西湖区文三路100号3栋2-502"),
    ("浙江省杭州市西湖区文三路100号", "浙江省杭州市西湖区文二路100号"),
    ("浙江省杭州市西湖区文三路100号", "浙江省杭州市滨江区文三路100号"),
    ("浙江省杭州市西湖区文三路100号", "江苏省南京市西湖区文三路100号"),
    ("阳光小区3号楼501", "月亮小区3号楼501"),
    ("上海市浦东新区张江路1234弄56号701室", "上海浦东张江路1234弄57号701"),
    ("北京市朝阳区建国路88号", "北京市朝阳区建国路98号"),
    ("湖南省长沙市岳麓区李家村三组12号", "长沙岳麓区张家村3组12号"),
    ("杭州市西湖区阳光小区3幢2单元501", "杭州市西湖区阳光小区4幢2单元501"),
    ("杭州市西湖区阳光小区3幢2单元501", "杭州市西湖区阳光小区3幢1单元501"),
    ("广州市天河区天河路1号", "深圳市南山区深南大道1号"),
    ("广东省东莞市长安镇乌沙村12号", "广东省东莞市虎门镇乌沙村12号"),
    ("北京西路12号", "北京东路12号"),
    ("杭州文三路100号", "宁波市文三路100号"),
    ("12 Main Street, Apt 5", "12 Main St Apt 6"),
    ("四川省成都市武侯区人民南路四段11号", "成都市武侯区人民南路三段11号"),
]


@pytest.mark.parametrize(("left", "right"), ONE_DWELLING)
def test_spellings_of_one_dwelling_are_the_same(left, right):
    assert compare_addresses(left=left, right=right) == Match.SAME
    assert compare_addresses(left=right, right=left) == Match.SAME


@pytest.mark.parametrize(("left", "right"), TWO_DWELLINGS)
def test_two_dwellings_differ(left, right):
    assert compare_addresses(left=left, right=right) == Match.DIFFERENT
    assert compare_addresses(left=right, right=left) == Match.DIFFERENT


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("杭州市西湖区文三路100号", "杭州市西湖区月亮小区3幢502"),
        ("", "杭州市西湖区文三路100号"),
        ("12 Main Street", "杭州市西湖区文三路100号"),
        ("浙江省杭州市", "浙江省杭州市西湖区文三路100号"),
        ("不详", "杭州市西湖区文三路100号"),
    ],
)
def test_addresses_that_share_too_little_are_left_open(left, right):
    assert compare_addresses(left=left, right=right) == Match.UNKNOWN


numbers = st.integers(1, 999)


@given(
    house=numbers,
    building=st.integers(1, 99),
    unit=st.integers(1, 9),
    room=st.integers(101, 3399),
    division=st.sampled_from(["浙江省杭州市西湖区", "杭州市西湖区", "浙江杭州西湖区", "杭州西湖区", "西湖区", ""]),
    tail=st.sampled_from(
        [
            "{b}号楼{u}单元{r}室",
            "{b}幢{u}单元{r}",
            "{b}栋{u}单元{r}号",
            "{b}-{u}-{r}",
            "{b}号楼{u}-{r}",
            "{b}幢{r}室",
            "{b}#{u}单元{r}",
        ]
    ),
    width=st.sampled_from([str, lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)]),
    estate=st.sampled_from(["阳光小区", "阳光", ""]),
)
def test_any_usual_spelling_is_the_same_dwelling(house, building, unit, room, division, tail, width, estate):
    whole = f"浙江省杭州市西湖区文三路{house}号阳光小区{building}号楼{unit}单元{room}室"
    short = width(f"{division}文三路{house}号{estate}" + tail.format(b=building, u=unit, r=room))
    assert compare_addresses(left=whole, right=short) == Match.SAME


@given(
    part=st.sampled_from(["house", "building", "unit", "room"]),
    numbers=st.fixed_dictionaries(
        {"house": numbers, "building": st.integers(1, 99), "unit": st.integers(1, 9), "room": st.integers(101, 3399)}
    ),
    step=st.integers(1, 5),
)
def test_one_other_number_is_another_dwelling_and_is_named(part, numbers, step):
    def line(given):
        return "杭州市西湖区文三路{house}号阳光小区{building}号楼{unit}单元{room}室".format(**given)

    other = numbers | {part: numbers[part] + step}
    assert compare_addresses(left=line(numbers), right=line(other)) == Match.DIFFERENT
    assert differing_part(left=line(numbers), right=line(other)) == part


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_compare_the_same_both_ways(left, right):
    assert compare_addresses(left=left, right=right) == compare_addresses(left=right, right=left)
    assert compare_addresses(left=left, right=left) != Match.DIFFERENT


def test_a_row_of_names_of_peoples_is_read_at_once():
    # With a repetition inside another this takes longer than anybody waits.
    assert compare_addresses(left="延边" + "族" * 180 + "路", right="杭州市文三路1号") == Match.DIFFERENT

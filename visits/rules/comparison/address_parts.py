"""The parts of a Chinese postal address, from province to room, read from its usual spellings and orders."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from backoffice.core.canonical.addresses import chinese_numbers_in_digits
from backoffice.core.canonical.texts import visible
from visits.rules.comparison.divisions import CITIES, CITY_PROVINCES, PROVINCE_OF, PROVINCES

# "北京西路" and "中山公园" are not in these cities: what follows the name of a city that leaves out its "市" must not be this.
_NOT_AFTER_CITY: Final = re.compile(
    r"[东南西北中]?[一二三四五六]?(?:大道|大街|路|街|道|巷|里|桥|门|村|镇|乡|区|县|公园|广场|花园|小区|新村|湾)"
)
_PROVINCE_WORDS: Final = re.compile(r"(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)?")
# Names of peoples stand before the words for an autonomous prefecture: of bounded length, and in one repetition only.
_CITY_WORDS: Final = re.compile(r"(?:市|地区|盟|[\u4e00-\u9fff]{0,15}?自治州|州)?")
# A settlement, community, park or campus is no district.
_DISTRICT: Final = re.compile(
    r"(?P<name>[^\dA-Z路街巷号弄村镇]{1,9}?)(?P<word>[\u4e00-\u9fff]{0,4}族?自治[县旗]|新区|(?<![小社园校厂景])区|县|旗|市)(?!场)"
)
_TOWN: Final = re.compile(r"(?P<name>[^\dA-Z路号]{1,6}?)(?:镇|乡(?!路|街)|街道(?!路|\d)|苏木)")
_ROAD: Final = re.compile(
    r"(?P<name>[^\d号]{1,10}?(?:大道|大街|路|街(?!道)|巷|胡同|道))(?P<part>(?:[东南西北中]|[一二三四五六七八九十]|\d)段)?"
)
_VILLAGE: Final = re.compile(r"(?P<name>[^\d号]{1,9}?)(?:行政|自然)?(?<!新)村(?:委会)?")
_ROAD_OF_VILLAGE: Final = re.compile(r"(?P<village>[^\d]{2,6}?)(?<!新)村(?P<road>(?![东南西北中]?大?街)[^\d]{3,})")
_TOWER_AND_ROOM: Final = re.compile(r"(?P<building>[A-Z])(?P<room>\d{3,4})")
_HOUSE: Final = re.compile(r"(?P<number>\d+[A-Z]?)(?:[-附之](?P<more>\d+)(?=号))?号(?!楼)院?(?:附(?P<annex>\d+)号)?")
_PART: Final = re.compile(
    r"(?P<name>[^\dA-Z-]*)(?P<number>\d+[A-Z]?|[A-Z]\d*)(?P<word>号楼|号院|号|弄|栋|幢|座|楼|单元|门洞|门|层|室|房|户|组|队|期|区|#)?"
)
_IN_BRACKETS: Final = re.compile(r"\([^()]*\)")
_BREAKS: Final = re.compile(r"[\s,;/|、。:]+")
_DASHES: Final = str.maketrans(dict.fromkeys("—–―−~_·.", "-"))
_BUILDINGS: Final = frozenset({"号楼", "栋", "幢", "座", "#"})
_UNITS: Final = frozenset({"单元", "门洞", "门"})
_ROOMS: Final = frozenset({"室", "房", "户"})
_NAME_WORDS: Final = re.compile(r"(?:住宅)?(?:小区|社区|家属院|院)$|^(?:内|旁|的|第)")


@dataclass(slots=True, kw_only=True)
class AddressParts:
    """The parts that an address names; those that it leaves out are empty. Numbers are without leading zeros."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    road: str = ""
    house: str = ""
    lane: str = ""
    village: str = ""
    group: str = ""
    estate: str = ""
    phase: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""
    floor: str = field(default="", repr=False)


def read_address(*, line: str) -> AddressParts:
    """
    Return the parts of an address in Chinese; all empty for one that names nothing.

    Read are full and half width, Chinese numbers, left-out words for province, city and district, numbers divided by
    hyphens (3-2-501: building, stair, room), and parts divided by commas in the reverse order. Remarks in brackets are
    left out.
    """
    text = unicodedata.normalize("NFKC", visible(line)).upper().translate(_DASHES)
    text = _forward(_IN_BRACKETS.sub("", text))
    parts = AddressParts()
    rest = _divisions(chinese_numbers_in_digits(text=text), parts)
    rest = _street(rest, parts)
    _numbers(rest, parts)
    return parts


def _forward(text: str) -> str:
    """Return the address from the largest part to the smallest, without breaks."""
    pieces = [piece for piece in _BREAKS.split(text) if piece]
    if len(pieces) > 1 and _names_division(pieces[-1]) and not _names_division(pieces[0]):
        pieces.reverse()
    return "".join(pieces)


def _names_division(piece: str) -> bool:
    parts = AddressParts()
    _divisions(piece, parts)
    return bool(parts.province or parts.city or parts.district)


def _divisions(text: str, parts: AddressParts) -> str:
    text = text.removeprefix("中国")
    text = _cut_name(text, PROVINCES, _PROVINCE_WORDS, parts, "province")
    if parts.province in CITY_PROVINCES:
        # The city by the same name may be written once more, and "市辖区" as its only part.
        text = re.sub(rf"^{parts.province}市", "", text)
        parts.city = parts.province
    else:
        text = _cut_name(text, CITIES, _CITY_WORDS, parts, "city")
        parts.province = parts.province or PROVINCE_OF.get(parts.city, "")
    text = re.sub(r"^(?:市辖区|市区|县)(?=[\u4e00-\u9fff])", "", text)
    if (found := _DISTRICT.match(text)) and len(found["name"]) + len(found["word"]) >= 2:
        parts.district = found["name"] + ("" if len(found["name"]) > 1 else found["word"])
        text = text[found.end() :]
    return text


def _cut_name(text: str, names: tuple[str, ...], words: re.Pattern[str], parts: AddressParts, part: str) -> str:
    for name in names:
        if text.startswith(name):
            found = words.match(text, len(name))
            end = found.end() if found else len(name)
            if end == len(name) and _NOT_AFTER_CITY.match(text, end):
                return text
            setattr(parts, part, name)
            return text[end:]
    return text


def _street(text: str, parts: AddressParts) -> str:
    if found := _TOWN.match(text):
        parts.town, text = found["name"], text[found.end() :]
    if found := _ROAD.match(text):
        road, text = found["name"] + (found["part"] or ""), text[found.end() :]
        # "乌沙村李屋路" is a road of a village; "中关村大街" is a road by its whole name.
        inside = _ROAD_OF_VILLAGE.fullmatch(road)
        parts.village, parts.road = (inside["village"], inside["road"]) if inside else ("", road)
    elif found := _VILLAGE.match(text):
        parts.village, text = found["name"], text[found.end() :]
    if (parts.road or parts.village) and (house := _HOUSE.match(text)):
        more = house["more"] or house["annex"]
        parts.house = _plain(house["number"]) + (f"-{_plain(more)}" if more else "")
        text = text[house.end() :]
    return text


def _numbers(text: str, parts: AddressParts) -> None:
    """Read estate, building, stair and room from what follows the street."""
    loose: list[str] = []
    position = 0
    for found in _PART.finditer(text):
        position = found.end()
        named = found["name"].strip("-")
        if named:
            _name(named, parts)
        number, word = _plain(found["number"]), found["word"] or ""
        if (tower := _TOWER_AND_ROOM.fullmatch(number)) and not parts.building:
            parts.building, number = tower["building"], _plain(tower["room"])
        follows = text[position:]
        slot = _slot(word, parts, after_name=bool(named), follows=follows)
        if slot:
            setattr(parts, slot, number)
        else:
            loose.append(number)
    if tail := text[position:].strip("-"):
        _name(tail, parts)
    _place_loose(loose, parts)
    # "3楼501": the floor of the room if its number begins with it, or else a building.
    if parts.floor and not parts.building and parts.room and not parts.room.startswith(parts.floor):
        parts.building = parts.floor


def _slot(word: str, parts: AddressParts, *, after_name: bool, follows: str) -> str:
    if word in _BUILDINGS:
        return "building" if not parts.building else "room"
    if word in _UNITS:
        return "unit"
    if word in _ROOMS:
        return "room"
    if word == "楼":
        return "building" if not parts.building and re.match(r"\d+(?:单元|门)", follows) else "floor"
    if word in ("号", "号院"):
        return _slot_of_number(parts, after_name=after_name, follows=follows)
    return {"弄": "lane", "组": "group", "队": "group", "层": "floor", "期": "phase", "区": "phase"}.get(word, "")


def _slot_of_number(parts: AddressParts, *, after_name: bool, follows: str) -> str:
    if not parts.house and not after_name and not parts.lane and not parts.estate and not parts.building:
        return "house"
    if not parts.building and (follows or parts.estate or parts.lane):
        return "building"
    return "room"


def _place_loose(loose: list[str], parts: AddressParts) -> None:
    """Give numbers without words their place: house of the street, building, stair, room."""
    if loose and parts.road and not parts.house and not (parts.estate or parts.building or parts.lane):
        parts.house = loose.pop(0)
    if not loose:
        return
    if not parts.room:
        parts.room = loose.pop()
    for slot in ("building", "unit"):
        if loose and not getattr(parts, slot):
            setattr(parts, slot, loose.pop(0))


def _name(text: str, parts: AddressParts) -> None:
    if not parts.village and (found := _VILLAGE.fullmatch(text)):
        parts.village = found["name"]
    elif not parts.estate:
        parts.estate = _NAME_WORDS.sub("", text) or text


def _plain(number: str) -> str:
    return number.lstrip("0") or "0"

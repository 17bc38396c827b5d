"""The one form of a door: postal addresses of the same dwelling in their usual Chinese and English spellings."""

import re
import unicodedata
from typing import Final

from backoffice.core.canonical.texts import visible

# Province, city or prefecture, and district or county at the beginning of a Chinese address: often left out.
_DIVISIONS: Final = re.compile(
    r"(?:[^\d省区县市旗盟]{2,9}(?:省|自治区|特别行政区))?"
    r"(?:[^\d省区县市旗盟]{1,9}(?:自治州|地区|市(?!区)|盟))?"
    # A settlement (小区), community or campus is part of the address.
    r"(?:[^\d省区县市旗盟]{1,9}(?:新区|市区|(?<![小社园校厂])区|县|市|旗))?"
)
_IN_BRACKETS: Final = re.compile(r"\([^()]*\)")
_DIGIT_OF: Final = {word: position for position, word in enumerate("零一二三四五六七八九")} | {"〇": 0, "": 0}
_DIGITS: Final = str.maketrans({word: str(digit) for word, digit in _DIGIT_OF.items() if word})
_NUMERALS: Final = frozenset("〇零一二三四五六七八九十百")
# At most nine characters: without a bound a long row of numerals takes time by its square.
_CHINESE_NUMBER: Final = re.compile(
    r"[〇零一二三四五六七八九十百]{1,9}(?=号|弄|栋|幢|座|楼|单元|门|层|室|房|户|组|队|$)"
)
# Words and marks between the numbers of house, building, stair, floor and flat: any of them may be written, or none.
_BETWEEN: Final = str.maketrans(
    dict.fromkeys("号弄栋幢座楼门层室房户院#-—–―−~_/、", "-") | dict.fromkeys(" ,.;:'\"·•。<>[]{}!?*", None)
)
_LOOSE_HYPHEN: Final = re.compile(r"(?<!\d)-|-(?!\d)")

_ENGLISH: Final = re.compile(r"[A-Z]+|\d+[A-Z]?(?![A-Z])|\d+")
_LEFT_OUT: Final = frozenset(
    ["APARTMENT", "APT", "BUILDING", "BLDG", "FLAT", "UNIT", "ROOM", "RM", "NO", "NUMBER", "FLOOR", "FL"]
)
_SHORT: Final = {
    "STREET": "ST",
    "ROAD": "RD",
    "AVENUE": "AVE",
    "LANE": "LN",
    "DRIVE": "DR",
    "COURT": "CT",
    "SQUARE": "SQ",
}


def canonical_door(*, line: str) -> str:
    """
    Return the one form of the door that an address names, "" if it names none: a door has a number.

    Left out are the names of province, city and district, remarks in brackets, and the words between the numbers of
    house, building, stair and flat. In English addresses the order of the words is left out too. Doors of two cities with
    the same street and numbers have the same form.
    """
    text = unicodedata.normalize("NFKC", visible(line)).upper()
    if text.isascii():
        return _english(text)
    if "(" in text:
        text = _IN_BRACKETS.sub("", text)
    text = text.replace(" ", "")
    text = chinese_numbers_in_digits(text=text)
    divisions = _DIVISIONS.match(text)
    text = text[divisions.end() if divisions else 0 :].replace("单元", "-").translate(_BETWEEN)
    text = _LOOSE_HYPHEN.sub("", "-".join(filter(None, text.split("-"))))
    return text if any(map(str.isdigit, text)) else ""


def chinese_numbers_in_digits(*, text: str) -> str:
    """Return `text` with the Chinese numbers of houses, buildings, stairs, floors and rooms in digits: 三〇一室 is 301室."""
    return text if _NUMERALS.isdisjoint(text) else _CHINESE_NUMBER.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    """Return a Chinese number below one thousand in digits: 十二 is 12, 三〇一 is 301."""
    text = found[0]
    if "十" not in text and "百" not in text:
        return text.translate(_DIGITS)
    hundreds, hundred, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    digits = [_DIGIT_OF.get(part if len(part) < 2 else part.strip("零〇")) for part in (hundreds, tens, ones)]
    if None in digits:
        return text
    values = [digit or 0 for digit in digits]
    return str(100 * (values[0] or bool(hundred)) + 10 * (values[1] or bool(ten)) + values[2])


def _english(text: str) -> str:
    words = sorted(_SHORT.get(word, word) for word in _ENGLISH.findall(text) if word not in _LEFT_OUT)
    return " ".join(words) if any(word[0].isdigit() for word in words) else ""

"""Characters that nobody sees: they make two texts of one, and are taken off before anything is compared."""

import re
from typing import Final

# Zero-width spaces and joiners, marks of direction, the byte order mark, soft hyphens, variation selectors.
_CODE_POINTS: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
INVISIBLE: Final = re.compile(f"[{_CODE_POINTS}]")
INVISIBLE_CHARACTERS: Final = frozenset(INVISIBLE.findall("".join(map(chr, range(0xD800))) + "\ufe0f\ufeff"))


def visible(text: str) -> str:
    """Return `text` without invisible characters, and without spaces of any kind at its ends."""
    if not text.isascii():
        text = INVISIBLE.sub("", text)
    return text.strip()


def is_chinese(text: str) -> bool:
    """Return whether a text holds at least one Chinese character, the rare ones included."""
    return any("\u3400" <= letter <= "\u9fff" or letter >= "\U00020000" for letter in text)


# In capitals, as `says_nothing` compares them.
NOTHING: Final = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "/",
        "\\",
        ".",
        "?",
        "无",
        "無",
        "没有",
        "暂无",
        "不详",
        "未知",
        "空",
        "未提供",
        "N/A",
        "NA",
        "#N/A",
        "NULL",
    }
    | {"NONE", "NIL", "UNKNOWN", "NAN", "(NULL)", "\\N"}
)
# What a spreadsheet shows where a formula failed; a row of hashes is a number wider than its column.
_FAILED: Final = re.compile(r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|N/A|SPILL!|CALC!|#+)", re.IGNORECASE)


def says_nothing(text: str) -> bool:
    """Return whether a cell is blank, or holds one of the words that people and programs write for "no value"."""
    return visible(text).upper() in NOTHING


def is_failed_formula(text: str) -> bool:
    """Return whether a cell holds what a spreadsheet shows instead of a value that it could not compute or show."""
    return text[:1] == "#" and _FAILED.fullmatch(text) is not None

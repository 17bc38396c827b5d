"""What is wrong in a text that is no TOML: the line, and the line as it should be where that can be told."""

import re
import tomllib
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)")
# Marks that a Chinese keyboard or a word processor writes for those of TOML.
_MARKS: Final = str.maketrans("“”＂‘’＝，｛｝［］＃", '"""\'\'=,{}[]#')
# TOML takes only letters, digits, - and _ of ASCII in a key without quotes.
_BARE_KEY: Final = re.compile(r"(?<=[\s{,\[])([^\s\"'={},\[\]#]+)(?=\s*=)")
_BARE_VALUE: Final = re.compile(r"(?<==)(\s*)([^\s\"'={},\[\]#][^\"'={},\[\]#]*?)(?=\s*(?:[,}#]|$))")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN_CHARACTERS: Final = 120


def toml_fault(*, text: str, error: tomllib.TOMLDecodeError) -> Any:
    """Return what is wrong in `text`, with the line and, where it can be told, the corrected line."""
    place = _PLACE.search(str(error))
    if place is None:
        return _("not TOML: {problem}").format(problem=error)
    number = int(place[1])
    # Split as TOML does: a profile may hold other characters that Python counts as ends of lines.
    lines = text.replace("\r\n", "\n").split("\n")
    line = lines[number - 1]
    corrected = next((each for each in _corrections(line) if _gets_further([*lines], number, each)), None)
    if corrected is None:
        return _("not TOML, line {n}: {line} ({problem})").format(
            n=number, line=line.strip()[:_SHOWN_CHARACTERS], problem=error
        )
    return _("not TOML, line {n}: {line}. Write: {corrected}").format(
        n=number, line=line.strip()[:_SHOWN_CHARACTERS], corrected=corrected.strip()[:_SHOWN_CHARACTERS]
    )


def _corrections(line: str) -> list[str]:
    marks = line.translate(_MARKS)
    keys = _BARE_KEY.sub(lambda found: found[1] if _KEY.fullmatch(found[1]) else f'"{found[1]}"', f" {marks}")[1:]
    values = _BARE_VALUE.sub(lambda found: found[1] + _quoted(found[2]), keys)
    return [each for each in (marks, keys, values) if each != line]


def _quoted(value: str) -> str:
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return f'"{value}"'
    return value


def _gets_further(lines: list[str], number: int, corrected: str) -> bool:
    """Return whether the text with the corrected line is sound up to the line after it."""
    lines[number - 1] = corrected
    try:
        tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        return place is not None and int(place[1]) > number
    return True

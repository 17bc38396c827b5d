"""Add words of totals to the text of a profile, and leave everything else in it as the lender wrote it."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.row_kinds import plain_word

_FILE_TABLE: Final = re.compile(r"^[ \t]*\[[ \t]*file[ \t]*\][ \t]*(#[^\r\n]*)?(?=\r?$)", re.MULTILINE)
_OWN_LINE: Final = re.compile(r"^[ \t]*total_rows[ \t]*=[ \t]*\[[^\]]*\][ \t]*(?=\r?$)", re.MULTILINE)


def with_total_words(*, text: str, name: str, words: Sequence[str]) -> str:
    """
    Return the profile's text with `words` in file.total_rows; unchanged if it has them.

    :raises InvalidInput: if the text has no place for them, naming the line to write by hand.
    """
    have = parse_profile(text=text, name=name).file.total_rows
    known = {plain_word(word) for word in have}
    wanted = [*have, *(word for word in words if plain_word(word) not in known)]
    if len(wanted) == len(have):
        return text
    line = f"total_rows = {json.dumps(wanted, ensure_ascii=False)}"
    body = tomllib.loads(text)
    meant = body | {"file": body.get("file", {}) | {"total_rows": wanted}}
    for changed in _changed_texts(text, line):
        if _parsed(changed) == meant:
            return changed
    raise InvalidInput(
        _("The profile has no table [file] to write to. Write there yourself: {line}").format(line=line), field="file"
    )


def _changed_texts(text: str, line: str) -> Iterator[str]:
    """Yield the ways to write the line: in place of an older one, first in the table [file], or in a new table."""
    yield _OWN_LINE.sub(lambda _found: line, text, count=1)
    yield _FILE_TABLE.sub(lambda found: f"{found[0]}\n{line}", text, count=1)
    yield f"{text.rstrip()}\n\n[file]\n{line}\n"


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}

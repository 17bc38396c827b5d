"""Searching a text for words and numbers that may not be kept or sent as they stand, or that a person must see."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from backoffice.core.canonical.identity_numbers import read_identity_number
from cases.enums import WordMark
from cases.rules.wording.word_lists import WordLists

HIDDEN: Final = "■"
LONGEST_BAR: Final = 3
# What is taken out of a text before it is kept in clear: the data of other people.
NOT_KEPT: Final = frozenset({WordMark.TELEPHONE, WordMark.IDENTITY_NUMBER, WordMark.NAME})
# Spelled digits hide numbers from a search; only runs as long as a number become one.
_SPELLED: Final = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_GAP: Final = r"[ \-]?"
_MOBILE: Final = re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9](?:{_GAP}\d){{9}}(?!\d)")
_LANDLINE: Final = re.compile(rf"(?<!\d)0\d{{2,3}}{_GAP}\d{{7,8}}(?!\d)")
_ABROAD: Final = re.compile(rf"\+\d(?:{_GAP}\d){{7,14}}(?!\d)")
_IDENTITY: Final = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{13,16}}{_GAP}[\dxX](?!\d)")
_LISTS: Final = {WordMark.CLAIM: "claim", WordMark.DEBT: "debt", WordMark.SELF_HARM: "self_harm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that was found: `text[start:end]`."""

    mark: WordMark
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _View:
    """A text in another form, with the place in the original of each character."""

    text: str
    places: tuple[int, ...]

    def found(self, mark: WordMark, span: tuple[int, int]) -> Found:
        return Found(mark=mark, start=self.places[span[0]], end=self.places[span[1] - 1] + 1)


def scan(*, text: str, words: WordLists, debt: bool = False) -> tuple[Found, ...]:
    """
    Return what was found, by place. Words of a debt are looked for only with `debt`: in what a third person sees.

    Full-width forms, blanks between Chinese characters and invisible characters hide nothing; digits may be spelled in
    Chinese or divided by blanks and hyphens.
    """
    whole = _view(text, blanks=True)
    close = _view(text, blanks=False)
    found = [*_words(whole, close, words, debt=debt), *_names(whole, close, words), *_numbers(whole)]
    return tuple(sorted(found, key=lambda each: (each.start, each.end, each.mark)))


def counted(*, found: Collection[Found]) -> dict[str, int]:
    """Return how many of each mark were found, for records that keep no words."""
    return {str(mark): n for mark, n in sorted(Counter(each.mark for each in found).items())}


def without(*, text: str, found: Collection[Found], marks: Collection[WordMark] = NOT_KEPT) -> str:
    """Return `text` with what is found of `marks` hidden behind bars; never longer than the text."""
    kept, at = [], 0
    for each in sorted((each for each in found if each.mark in marks), key=lambda each: (each.start, -each.end)):
        if each.end <= at:
            continue
        start = max(each.start, at)
        kept += [text[at:start], HIDDEN * min(LONGEST_BAR, each.end - start)]
        at = each.end
    return "".join([*kept, text[at:]])


def _view(text: str, *, blanks: bool) -> _View:
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if unicodedata.category(character) in ("Cf", "Mn") or (not blanks and character.isspace()):
            continue
        for folded in unicodedata.normalize("NFKC", character).lower():
            characters.append(folded)
            places.append(place)
    return _View("".join(characters), tuple(places))


def _words(whole: _View, close: _View, words: WordLists, *, debt: bool) -> Iterator[Found]:
    for mark, name in _LISTS.items():
        if mark == WordMark.DEBT and not debt:
            continue
        yield from (close.found(mark, match.span()) for match in words.lists[name].zh.finditer(close.text))
        yield from (whole.found(mark, match.span()) for match in words.lists[name].en.finditer(whole.text))


def _names(whole: _View, close: _View, words: WordLists) -> Iterator[Found]:
    for view, pattern in ((close, words.names_zh), (whole, words.names_en)):
        for match in pattern.finditer(view.text):
            yield view.found(WordMark.HEARSAY, match.span())
            start, end = match.span("name")
            if view.text[start:end].strip():
                start += len(match["name"]) - len(match["name"].lstrip())
                yield view.found(WordMark.NAME, (start, end))


def _numbers(whole: _View) -> Iterator[Found]:
    digits = _View(whole.text.translate(_SPELLED), whole.places)
    taken: list[tuple[int, int]] = []
    for match in _IDENTITY.finditer(digits.text):
        reading = read_identity_number(number=match[0], on=date.max)
        if reading.kind is not None and reading.born_on is not None:
            taken.append(match.span())
            yield digits.found(WordMark.IDENTITY_NUMBER, match.span())
    for pattern in (_MOBILE, _LANDLINE, _ABROAD):
        for match in pattern.finditer(digits.text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield digits.found(WordMark.TELEPHONE, match.span())

"""The bank of sentences of letters about decisions, and what is wrong with it, if anything."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from cases.rules.wording.scan import scan
from cases.rules.wording.word_lists import WordLists

SHIPPED: Final = Path(__file__).with_name("bank.toml")
# The languages of letters, by the code that pages and programs name, and their key in the bank.
LANGUAGES: Final = {"zh-hans": "zh", "en": "en"}
# What a place in braces may name: the letter fills each of these where the sentence is used.
PLACES: Final = frozenset(
    {
        *("addressee", "number", "phone", "answer_days"),
        *("as_of", "days", "arrears", "on", "sections", "rule", "words", "months"),
        *("rate", "new_rate", "limit", "new_limit", "total", "count", "plan_rate"),
        *("decided_on", "happened_on", "ends_on"),
        *("sum", "first_due", "last_due", "missed", "break_missed", "break_days"),
        *("waived", "part", "pay", "settle_by"),
    }
)
# A sentence that is longer is read twice: Chinese characters, and English words.
LONGEST_ZH: Final = 45
LONGEST_EN: Final = 26
_PLACE: Final = re.compile(r"\{(\w*)\}")
_ENDS_ZH: Final = re.compile(r"[。；：！？]")
_ENDS_EN: Final = re.compile(r"[.;:!?](?:\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """All sentences of one version, by path ("why.reasons.PAID") and language key (zh, en)."""

    version: str
    sentences: Mapping[str, Mapping[str, str]]

    def has(self, path: str) -> bool:
        """Return whether there is a sentence at this path."""
        return path in self.sentences

    def say(self, path: str, *, language: str, **values: str) -> str:
        """
        Return a sentence in a language ("zh-hans" or "en") with its places filled from `values`.

        :raises KeyError: if there is no such sentence or language, or a place is not filled.
        """
        return self.sentences[path][LANGUAGES[language]].format(**values)


@cache
def bank() -> Bank:
    """Return the shipped bank."""
    return read_bank(SHIPPED.read_text(encoding="utf-8"))


def read_bank(text: str) -> Bank:
    """
    Return the bank that a TOML text holds.

    :raises ValueError: if it has no version.
    """
    tables = tomllib.loads(text)
    version = tables.pop("version", "")
    if not version:
        raise ValueError('The bank of sentences has no version. Begin it with a line such as: version = "2026-12-1"')
    return Bank(version=version, sentences=dict(_sentences(tables, "")))


def bank_problems(*, bank: Bank, words: WordLists) -> list[str]:
    """
    Return what is wrong with the sentences, each with its path: a language that is missing, a word that may not go out, a
    place that no letter fills or that only one language has, a sentence that is too long, a debt named on the outside.
    """
    found = []
    for path, texts in sorted(bank.sentences.items()):
        if set(texts) != set(LANGUAGES.values()):
            found.append(f"{path}: give it in zh and en, and in no other language.")
            continue
        places = [set(_PLACE.findall(text)) for text in texts.values()]
        if places[0] != places[1]:
            found.append(f"{path}: both languages have the same places in braces.")
        found += [f"{path}: no letter fills {{{place}}}." for place in sorted(set.union(*places) - PLACES)]
        for language, text in texts.items():
            found += [f"{path}, {language}: {problem}" for problem in _text_problems(path, language, text, words)]
    return found


def _text_problems(path: str, language: str, text: str, words: WordLists) -> Iterator[str]:
    if not text.strip():
        yield "the sentence is empty."
    if _PLACE.sub("", text).count("{") or _PLACE.sub("", text).count("}"):
        yield "a brace stands alone."
    for each in scan(text=text, words=words, debt=path.startswith("outside.")):
        yield f"“{text[each.start : each.end]}” may not stand there ({each.mark})."
    for sentence in (_ENDS_ZH if language == "zh" else _ENDS_EN).split(text):
        plain = _PLACE.sub("X", sentence)
        length = len(plain) if language == "zh" else len(plain.split())
        most = LONGEST_ZH if language == "zh" else LONGEST_EN
        if length > most:
            yield f"a sentence has {length}, at most {most} are read at once."


def _sentences(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for key, value in table.items():
        here = f"{path}.{key}" if path else key
        if all(isinstance(each, str) for each in value.values()):
            yield here, value
        else:
            yield from _sentences(value, here)

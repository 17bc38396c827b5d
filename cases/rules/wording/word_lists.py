"""The lists of words that texts are searched for: those that are shipped, with what the operator adds."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

SHIPPED: Final = Path(__file__).with_name("words.toml")
LISTS: Final = ("claim", "debt", "self_harm", "relation", "speech")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """One list as two searches: `zh` over a text without blanks, `en` over whole words of a text in lower case."""

    zh: re.Pattern[str]
    en: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """All lists of one version, by name. `version` says which words a text was searched for."""

    version: str
    lists: Mapping[str, WordList]
    names_zh: re.Pattern[str]
    names_en: re.Pattern[str]


def word_lists(*, more: Mapping[str, Sequence[str]] | None = None) -> WordLists:
    """
    Return the shipped lists with the operator's words; `more` holds words by the name of their list.

    :raises ValueError: if `more` names an unknown list or holds an empty word.
    """
    return _compiled(tuple(sorted((name, tuple(words)) for name, words in (more or {}).items())))


@cache
def _compiled(more: tuple[tuple[str, tuple[str, ...]], ...]) -> WordLists:
    shipped: dict[str, Any] = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    words = {name: (list(shipped[name]["zh"]), list(shipped[name]["en"])) for name in LISTS}
    for name, added in more:
        if name not in LISTS:
            raise ValueError(f"There is no list of words named {name}. Choose one of: {', '.join(LISTS)}.")
        for word in added:
            if not word.strip(" *"):
                raise ValueError(f"The list of words {name} holds an empty word.")
            words[name][word.isascii()].append(word.strip().lower())
    speech_zh, speech_en = (_either(each) for each in words["speech"])
    relation_zh, relation_en = (_either(each) for each in words["relation"])
    return WordLists(
        version=shipped["version"] + ("+" if more else ""),
        lists={name: WordList(zh=re.compile(_either(zh)), en=_whole(_either(en))) for name, (zh, en) in words.items()},
        # The name is what stands between the relation and the word of speech, if anything does.
        names_zh=re.compile(rf"(?:{relation_zh})(?P<name>[^，。；、,.;!?！？\n]{{0,6}}?)(?:{speech_zh})"),
        names_en=_whole(rf"(?:{relation_en})(?P<name>(?:\s+[\w.'-]+){{0,3}}?)\s+(?:{speech_en})"),
    )


def _either(words: Sequence[str]) -> str:
    """Return a pattern of any of the words, the longest first, so that none hides a longer one."""
    return "|".join(
        re.escape(word).replace(r"\*", r"\w*") for word in sorted(words, key=lambda each: (-len(each), each))
    )


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")

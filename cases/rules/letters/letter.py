"""What a letter is: sections of sentences in one language, for one reader; and its plain text."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """
    Who reads the letter and what is read only then: names, numbers, and words that stand elsewhere.

    `rules` are the titles of policy rules by code, in the letter's language; `note` is what an officer wrote to the
    borrower. Both hold only what may go out.
    """

    language: str
    number: str
    addressee: str
    account: str
    lender: str
    phone: str
    check: str
    rules: Mapping[str, str]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with its sentences, and the rows of a table (its head first) where there is one."""

    name: str
    heading: str
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter in one language. `title` and `file` tell a stranger nothing."""

    language: str
    title: str
    file: str
    labels: tuple[tuple[str, str], ...]
    greeting: str
    sections: tuple[Section, ...]
    thanks: str
    sender: str


def as_text(letter: Letter) -> str:
    """Return the letter as plain text, a sentence group a line, sections divided by an empty line."""
    colon = ": " if letter.language == "en" else "："
    blocks = [[letter.title], [f"{label}{colon}{value}" for label, value in letter.labels], [letter.greeting]]
    blocks += [[each.heading, *each.sentences, *("  ".join(row) for row in each.rows)] for each in letter.sections]
    blocks.append([letter.thanks, letter.sender])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def answer_start(letter: Letter, *, most: int) -> str:
    """Return what was decided, why, and what the borrower can do: whole sentences of at most `most` characters together."""
    kept = ""
    for section in letter.sections:
        if section.name in ("what", "why", "way"):
            for sentence in section.sentences:
                if len(kept) + len(sentence) + 1 > most:
                    return kept
                kept = f"{kept}\n{sentence}" if kept else sentence
    return kept

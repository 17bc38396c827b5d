"""Letters about decisions as they are read: sentences made from the frozen facts, as text and as PDF."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import get_language

from backoffice.core.typesetting import typeset
from cases.enums import LetterState, WordMark
from cases.models import Decision, DecisionLetter
from cases.rules.letters.bank import LANGUAGES, bank
from cases.rules.letters.compose import compose
from cases.rules.letters.facts import read_facts
from cases.rules.letters.letter import Letter, Reader, answer_start, as_text
from cases.rules.wording.scan import scan
from cases.rules.wording.word_lists import word_lists

TEMPLATE: Final = Path(__file__).resolve().parents[2] / "templates" / "letters" / "decision.typ"
# A letter that has not reached anybody for so long is on the desk of undelivered ones.
UNDELIVERED_DAYS: Final = 7
UNDELIVERED: Final = (LetterState.WAITING, LetterState.RETURNED)
# What `letter_of` looks at beside the letter itself.
RELATED: Final = ("decision__borrower", "decision__account", "decision__policy_version")
_CHECK_CODE: Final = 16
_KEPT_OUT: Final = frozenset(WordMark) - {WordMark.DEBT, WordMark.HEARSAY}


def letter_of(*, letter: DecisionLetter, language: str = "") -> Letter:
    """
    Return a letter in a language ("zh-hans" or "en"); without one in the reader's own.

    The borrower's name is masked. Titles of rules and the officer's note are left out where they hold words that may not go
    out. No query where `RELATED` was selected with the letter.
    """
    language = language if language in LANGUAGES else own_language()
    decision = letter.decision
    reader = Reader(
        language=language,
        number=str(letter),
        addressee=decision.borrower.masked_name,
        account=decision.account.external_ref,
        lender=settings.LENDER_NAME,
        phone=settings.COMPLAINTS_PHONE,
        check=check_code(letter),
        rules=_rule_titles(decision.policy_version.body, language=language),
        note=_sendable(decision.explanation or ""),
    )
    return compose(kind=letter.kind, facts=read_facts(letter.facts), reader=reader, bank=bank())


def check_code(letter: DecisionLetter) -> str:
    """Return the code by which a paper is compared with its record: the beginning of the digest of the facts."""
    return letter.digest[:_CHECK_CODE]


def own_language() -> str:
    """Return the language of letters that fits the one in use: "en" or "zh-hans"."""
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def letter_text(*, letter: DecisionLetter, language: str = "") -> str:
    """Return a letter as plain text."""
    return as_text(letter_of(letter=letter, language=language))


def letter_pdf(*, letter: DecisionLetter, language: str) -> bytes:
    """Return a letter as PDF. The same letter gives the same bytes as long as its words and the lender's number stay."""
    return typeset(
        template=TEMPLATE, values=asdict(letter_of(letter=letter, language=language)), dated=letter.created_at
    )


def file_name(*, letter: DecisionLetter, language: str) -> str:
    """Return the name under which a PDF is saved: it tells a stranger nothing of what is in it."""
    word = bank().say("outside.file", language=language)
    return f"{word}-{letter}-{LANGUAGES[language]}.pdf"


def latest_letter(*, decision: Decision) -> DecisionLetter | None:
    """Return the newest letter about a decision, with what `letter_of` looks at; None if there is none yet. One query."""
    letter: DecisionLetter | None = (
        DecisionLetter.objects.filter(decision=decision).select_related(*RELATED).order_by("-pk").first()
    )
    return letter


def explanation_start(*, decision: Decision | None, most: int) -> str:
    """
    Return what an answer to a request for an explanation may begin with: the sentences of the decision's first letter, in
    the reader's language, of at most `most` characters. Empty where there is no letter. One query.
    """
    if decision is None:
        return ""
    first = DecisionLetter.objects.filter(decision=decision).select_related(*RELATED).order_by("pk").first()
    return "" if first is None else answer_start(letter_of(letter=first), most=most)


def undelivered(rows: "QuerySet[DecisionLetter]", *, business_date: date) -> "QuerySet[DecisionLetter]":
    """Return the letters that came back, or that nobody has reported as delivered for `UNDELIVERED_DAYS`."""
    return rows.filter(is_undelivered(business_date=business_date))


def is_undelivered(*, business_date: date) -> Q:
    """Return the condition over letters that `undelivered` filters by."""
    late = Q(happened_on__lt=business_date - timedelta(days=UNDELIVERED_DAYS)) | Q(state=LetterState.RETURNED)
    return Q(late, state__in=UNDELIVERED)


def letters_of_borrower(*, borrower_id: int, user: Any, business_date: date, most: int) -> list[Any]:
    """
    Return the letters about a borrower's decisions that `user` may see, those that did not arrive first, then the newest.

    `did_not_arrive` marks those that came back or that nobody reported in time. One query.
    """
    rows = DecisionLetter.objects.visible_to(user).filter(decision__borrower=borrower_id).select_related("decision")
    marked = rows.annotate(
        did_not_arrive=ExpressionWrapper(is_undelivered(business_date=business_date), output_field=BooleanField())
    )
    return list(marked.order_by("-did_not_arrive", "-happened_on", "-pk")[:most])


def _sendable(text: str) -> str:
    """Return a text that may go out; empty if it holds a threat, a word of despair or another person's data."""
    found = scan(text=text, words=word_lists(more=settings.MORE_WORDS))
    return "" if any(each.mark in _KEPT_OUT for each in found) else text


def _rule_titles(body: Any, *, language: str) -> Mapping[str, str]:
    """Return the titles of the standing rules in a policy's body that may go out, by code."""
    parts = [body.get(part, []) for part in ("rewards", "restrictions")] if isinstance(body, dict) else []
    rules = [rule for part in parts for rule in part if isinstance(rule, dict) and "title" in rule]
    return {rule["code"]: _sendable(rule["title"][LANGUAGES[language]]) for rule in rules}

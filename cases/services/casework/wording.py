"""What is done about the words of a text that is kept: despair protects the borrower at once, the rest is counted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.enums import FlagKind, WordMark
from cases.models import Borrower, Case
from cases.rules.wording.scan import Found, scan, without
from cases.rules.wording.word_lists import WordLists, word_lists
from cases.services.casework.circumstances import protect

# A claim of this kind or another person's data may stand in a text that goes out only where somebody says why.
NOT_SENT = frozenset({WordMark.CLAIM, WordMark.TELEPHONE, WordMark.IDENTITY_NUMBER, WordMark.NAME})


REASON_MAX: Final = 300


def kept_reason(*, reason: str) -> str:
    """
    Return the reason that a person gives for a verdict as it is kept: without words that the word lists mark.

    :raises InvalidInput: if nothing is left of it, or more than 300 characters.
    """
    text = reason.strip()[: REASON_MAX + 1]
    text = without(text=text, found=scan(text=text, words=words_in_use())).strip()
    if not text or len(text) > REASON_MAX:
        raise InvalidInput(_("Give a reason, in at most 300 characters."), field="reason")
    return text


def words_in_use() -> WordLists:
    """Return the shipped lists of words with the operator's (settings.MORE_WORDS)."""
    return word_lists(more=settings.MORE_WORDS)


def heed_despair(
    *, borrower: Borrower, found: Collection[Found], source: str, actor: Any, at: datetime, source_ref: str = ""
) -> bool:
    """
    Protect a borrower whose words speak of self-harm, and bring the open case before a person today; return whether.

    In the caller's transaction, which locks nothing of the case before: the people come first.
    """
    if not any(each.mark == WordMark.SELF_HARM for each in found):
        return False
    protect(borrower=borrower, kind=FlagKind.SELF_HARM, source=source, source_ref=source_ref, actor=actor, at=at)
    today = localdate(at)
    later = Q(next_action_on__isnull=True) | Q(next_action_on__gt=today)
    Case.objects.open().filter(later, borrower=borrower).update(next_action_on=today, updated_at=at)
    return True


def must_be_sendable(*, text: str, quotes_only: bool) -> tuple[Found, ...]:
    """
    Pass a text that goes out to a borrower, and return what was found in it.

    :raises InvalidInput: if it holds a threat, a false claim of legal effect or another person's data, unless
        `quotes_only` says that somebody has read it and it only repeats what the borrower had said.
    """
    found = scan(text=text, words=words_in_use())
    named = [text[each.start : each.end] for each in found if each.mark in NOT_SENT]
    if named and not quotes_only:
        message = format_lazy(
            _(
                "The text holds words that may not go out: {words}. Write it without them, or confirm that it only quotes."
            ),
            words=", ".join(dict.fromkeys(named)),
        )
        raise InvalidInput(message, field="answer")
    return found

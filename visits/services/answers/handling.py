"""Handling an answer to a letter: a person has looked, says whether it holds, and what was done."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from cases.enums import CaseEventKind
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event
from cases.services.people.locks import lock_people
from visits.enums import AnswerOutcome
from visits.models import LetterAnswer
from visits.rules.conduct.answers import ACTED_ON, counts_at_once
from visits.services.answers.effects import bring_about, settle_address

LONGEST_DONE: Final = 500


@transaction.atomic
def handle_answer(*, answer: LetterAnswer, outcome: str, done: str, actor: Any, at: datetime) -> LetterAnswer:
    """
    Note that a person has looked at an answer; visits that it held may be planned again, or what it asks for is done.

    CONFIRMED brings about what did not count at once: the circumstance, the end of the visit, the invalid address. That
    takes a person who may note circumstances. `done` says what was done (at most 500 characters), and is kept sealed.

    :raises NotAllowed: if the actor is no person, may not handle answers or confirm, or does not see the case.
    :raises InvalidInput: if the outcome is unknown, or `done` is empty or too long.
    :raises StateConflict: if it is handled already.
    """
    may(actor=actor, permission="visits.handle_letteranswer")
    if actor is None or not LetterAnswer.objects.visible_to(actor).filter(pk=answer.pk).exists():
        raise NotAllowed
    if outcome not in AnswerOutcome.values:
        raise InvalidInput(_("Choose what you found."), field="outcome")
    done = done.strip()
    if not done or len(done) > LONGEST_DONE:
        raise InvalidInput(_("Write what was done, in at most 500 characters."), field="done")
    answer = LetterAnswer.objects.select_related("order__case__borrower", "order__address").get(pk=answer.pk)
    lock_people(borrowers=[answer.order.case.borrower_id])
    answer.done = done
    changed = LetterAnswer.objects.filter(pk=answer.pk, handled_at__isnull=True).update(
        handled_at=at,
        handled_by=actor,
        outcome=outcome,
        done=LetterAnswer._meta.get_field("done").sealed(text=done, bound_to=answer.form_ref),
    )
    if changed != 1:
        raise StateConflict
    counted = not answer.is_late and counts_at_once(
        kind=answer.kind, is_proven=answer.is_proven, by_video=answer.by_video
    )
    if outcome == AnswerOutcome.CONFIRMED and not counted and answer.kind in ACTED_ON:
        may(actor=actor, permission="cases.flag_borrower")
        bring_about(answer=answer, actor=actor, at=at)
    settle_address(answer=answer, outcome=AnswerOutcome(outcome), at=at)
    event = {"action": "answer_handled", "order": str(answer.order), "answer": str(answer), "outcome": outcome}
    write_event(case_id=answer.order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=event, note=done)
    body = {"outcome": outcome, "done_digest": text_digest(text=done, kind="letter.done")}
    record(actor=actor, action="letter.answer_handled", subject=answer, at=at, body=body)
    answer.refresh_from_db()
    return answer

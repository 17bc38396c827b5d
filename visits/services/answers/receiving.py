"""Taking in an answer to a letter: it reaches the guard and the case in the transaction in which it is kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.queue import enqueue
from cases.enums import CaseEventKind, ComplaintKind, ComplaintTopic
from cases.selectors.policies.holidays import calendar_in_use
from cases.services.casework.cases import bring_forward
from cases.services.casework.events import write_event
from cases.services.decisions.complaints import receive_complaint
from cases.services.people.locks import lock_people
from visits.enums import LetterAnswerKind
from visits.models import LetterAnswer, VisitOrder
from visits.rules.conduct.answers import IN_TIME, UNDER_WAY, counts_at_once, wish_problem
from visits.selectors.letter_check import order_of_code
from visits.selectors.policy import conduct_policy
from visits.services.answers.effects import bring_about, doubt_address, left_by_crew, take_back
from visits.services.answers.papers import check_paper, keep_paper
from visits.services.answers.proof import proof_of
from visits.services.orders.conduct_guard import local_date

LONGEST_TEXT: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """
    An answer as somebody sent it. `form_ref` is the form it was sent by, `digits` what they typed as proof.

    The wish (instants) and `by_video` belong to OTHER_TIME, the photograph `paper` and its kind to PAPER.
    """

    kind: str
    form_ref: UUID
    digits: str = ""
    text: str = ""
    wished_from: datetime | None = None
    wished_until: datetime | None = None
    by_video: bool = False
    paper: bytes = b""
    paper_kind: str = ""


def receive_answer(*, code: str, given: GivenAnswer, at: datetime) -> LetterAnswer | None:
    """
    Keep an answer to the letter with this code, and bring about what follows; None if no letter has, or had, the code.

    The same form sent again changes nothing and returns what is there. A proven answer counts at once. Any other one is a
    claim: planned visits of the person are taken back, crews called back, and the guard refuses new ones until a
    person has handled it. A complaint is always received. After the visit an answer is kept as a message.

    :raises InvalidInput: if the kind is unknown, a complaint has no text, the text is longer than `LONGEST_TEXT`, the
        wish is missing or outside the lawful hours, or the paper cannot be taken.
    :raises StateConflict: if a merge changed who the person is while this waited; try again.
    :raises StorageFull: if there is no room for the paper; nothing is kept.
    """
    media_type = _checked(given=given, at=at)
    found = order_of_code(code=code)
    return None if found is None else _receive(found=found, code=code, given=given, media_type=media_type, at=at)


@transaction.atomic
def _receive(*, found: VisitOrder, code: str, given: GivenAnswer, media_type: str, at: datetime) -> LetterAnswer:
    # No visit to the person is planned, begun or opened while this is decided; two answers follow each other.
    people = lock_people(borrowers=[found.case.borrower_id])
    again: LetterAnswer | None = LetterAnswer.objects.filter(form_ref=given.form_ref).first()
    if again is not None:
        return again
    order = (
        VisitOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__borrower", "address")
        .get(pk=found.pk)
    )
    answer = LetterAnswer(
        order=order,
        letter_code=code,
        form_ref=given.form_ref,
        kind=given.kind,
        proof=proof_of(order=order, borrower=order.case.borrower, given=given.digits, at=at),
        is_late=_is_late(order=order, people=people),
        text=given.text.strip() or None,
        wished_from=None if given.by_video else given.wished_from,
        wished_until=None if given.by_video else given.wished_until,
        by_video=given.by_video,
        received_at=at,
    )
    counts = counts_at_once(kind=answer.kind, is_proven=answer.is_proven, by_video=answer.by_video)
    answer.holds = not answer.is_late and not counts
    if given.kind == LetterAnswerKind.PAPER:
        keep_paper(answer=answer, content=given.paper, kind=given.paper_kind, media_type=media_type)
    answer.save(force_insert=True)
    if not answer.is_late:
        _act(answer=answer, people=people, counts=counts, at=at)
    if given.kind == LetterAnswerKind.COMPLAINT:
        _complain(answer=answer, given=given, at=at)
    if answer.paper_state:
        enqueue("visits.tasks.read_paper", answer_id=answer.pk)
    bring_forward(case_id=order.case_id, on=localdate(at), at=at)
    event = {"action": f"answer_{given.kind}", "order": str(order), "answer": str(answer), "proof": str(answer.proof)}
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=None, at=at, body=event)
    body = {
        "kind": given.kind,
        "order": str(order),
        "proof": str(answer.proof),
        "late": answer.is_late,
        "holds": answer.holds,
        "complaint": answer.complaint_id,
    }
    record(actor=None, action="letter.answered", subject=answer, at=at, body=body)
    return answer


def _act(*, answer: LetterAnswer, people: list[int], counts: bool, at: datetime) -> None:
    if answer.kind == LetterAnswerKind.NOT_HERE:
        doubt_address(order=answer.order, at=at)
    if not counts:
        take_back(borrowers=people, actor=None, at=at)
    elif answer.kind in (LetterAnswerKind.OTHER_TIME, LetterAnswerKind.COMPLAINT):
        take_back(borrowers=[answer.order.case.borrower_id], actor=None, at=at)
    else:
        bring_about(answer=answer, actor=None, at=at)
        # Other visits of the person: the circumstance forbids them too.
        take_back(borrowers=people, actor=None, at=at)


def _complain(*, answer: LetterAnswer, given: GivenAnswer, at: datetime) -> None:
    """
    Receive the complaint: the clock of fifteen days runs from now, whoever complains.

    Once the crew was due it is about the visit, and its agency answers for it; before that nobody has come.
    """
    case, due_at = answer.order.case, answer.order.planned_arrival_at
    visited_on = local_date(due_at) if due_at is not None and due_at <= at else None
    answer.complaint = receive_complaint(
        borrower=case.borrower,
        kind=ComplaintKind.COMPLAINT,
        topic=ComplaintTopic.OTHER if visited_on is None else ComplaintTopic.VISIT_CONDUCT,
        occurred_on=visited_on,
        subject=given.text,
        case=case,
        actor=None,
        at=at,
    )
    answer.save(update_fields=["complaint"])


def _is_late(*, order: VisitOrder, people: Collection[int]) -> bool:
    """Return whether the visit was made or called off and the person awaits no other, so that nothing can be held."""
    is_ahead = order.state in IN_TIME and not left_by_crew().filter(order=order).exists()
    planned = VisitOrder.objects.filter(case__borrower__in=people, state__in=UNDER_WAY)
    return not is_ahead and not planned.exclude(pk__in=left_by_crew().values("order")).exists()


def _checked(*, given: GivenAnswer, at: datetime) -> str:
    """Return the media type of the paper, "" without one. :raises InvalidInput: if something cannot be taken."""
    if given.kind not in LetterAnswerKind.values:
        raise InvalidInput(_("Choose one of the answers."), field="kind")
    if len(given.text) > LONGEST_TEXT:
        raise InvalidInput(_("Write at most 1,000 characters."), field="text")
    if given.kind == LetterAnswerKind.COMPLAINT and not given.text.strip():
        raise InvalidInput(_("Write what happened."), field="text")
    if given.kind == LetterAnswerKind.OTHER_TIME and not given.by_video:
        _check_wish(given=given, at=at)
    return check_paper(content=given.paper, kind=given.paper_kind) if given.kind == LetterAnswerKind.PAPER else ""


def _check_wish(*, given: GivenAnswer, at: datetime) -> None:
    if given.wished_from is None or given.wished_until is None:
        raise InvalidInput(_("Choose a day and hours, or video."), field="day")
    problem = wish_problem(
        policy=conduct_policy(),
        calendar=calendar_in_use(),
        opens_at=given.wished_from,
        closes_at=given.wished_until,
        at=at,
    )
    if problem is not None:
        raise InvalidInput(problem, field="day")

"""Answers to a letter: a proven one counts at once, a claim holds the visit, and nothing is done twice."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput
from backoffice.core.sealed.kept_files import is_sealed
from cases.models import Address, BorrowerFlag, Case, CaseEvent, Complaint
from tests.factories.visits import AT, TODAY, VISIT_AT, make_order, photo
from tests.visits.services.answers.conftest import ANSWERED_AT
from visits.models import CheckIn, LetterAnswer, VisitOrder
from visits.selectors.conduct import conduct_history
from visits.services.answers.receiving import GivenAnswer, receive_answer
from visits.services.dispatch.orders import depart
from visits.services.dispatch.scheduling import assign_crew
from visits.services.orders.conduct_guard import ConductRefused

STATEMENTS = {"REPRESENTED": "REPRESENTED", "HOSPITAL": "HOSPITAL", "BEREAVED": "BEREAVED"}


def flags():
    return list(BorrowerFlag.objects.filter(cleared_at__isnull=True).order_by("pk").values_list("kind", flat=True))


def state(order):
    order.refresh_from_db()
    return order.state, order.end_reason


def guarded(order):
    """Return what protects the borrower, as the guard sees it."""
    return [str(flag.kind) for flag in conduct_history(borrower_id=order.case.borrower_id, at=ANSWERED_AT).flags]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SCHEDULED", "CANCELLED"),
        ("ACCEPTED", "CANCELLED"),
        ("EN_ROUTE", "ABORTED"),
        ("CHECKED_IN", "ABORTED"),
    ],
)
def test_a_proven_decline_calls_the_visit_off_at_once(before, after, order, answer):
    VisitOrder.objects.update(state=before)

    declined = answer("DECLINE")

    case = Case.objects.get()
    assert state(order) == (after, "BORROWER_ASKED")
    assert flags() == ["OPTED_OUT_OF_VISITS"]
    assert guarded(order) == ["VISIT_DECLINED"]
    assert (declined.proof, declined.holds, declined.is_late) == ("RIGHT", False, False)
    assert (case.stage, case.next_action_on) == ("IN_WORK", TODAY)
    flag = BorrowerFlag.objects.get()
    assert (flag.source, flag.source_ref) == ("LETTER", str(declined))


@pytest.mark.parametrize("before", ["SCHEDULED", "ACCEPTED"])
@pytest.mark.parametrize("kind", ["DECLINE", "OTHER_TIME", "REPRESENTED", "HOSPITAL", "BEREAVED", "NOT_HERE"])
def test_a_claim_without_proof_holds_the_visit_and_cancels_nothing(kind, before, order, answer, pair):
    VisitOrder.objects.update(state=before)

    claim = answer(kind, proven=False, by_video=kind == "OTHER_TIME")

    assert state(order) == ("APPROVED", "")
    assert flags() == []
    assert guarded(order) == ["ANSWER_OPEN"]
    assert (claim.proof, claim.holds) == ("NOT_GIVEN", True)
    with pytest.raises(ConductRefused) as refused:
        assign_crew(order=order, lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=None, at=ANSWERED_AT)
    assert {refusal.rule.value for refusal in refused.value.refusals} == {"ANSWER_OPEN"}


@pytest.mark.parametrize("before", ["EN_ROUTE", "CHECKED_IN"])
def test_a_claim_without_proof_calls_a_crew_back_that_has_set_out(before, order, answer):
    VisitOrder.objects.update(state=before)

    answer("DECLINE", proven=False)

    assert state(order) == ("ABORTED", "BORROWER_ASKED")
    assert guarded(order) == ["ANSWER_OPEN"]


@pytest.mark.parametrize(("kind", "flag"), STATEMENTS.items())
def test_a_proven_statement_protects_at_once(kind, flag, order, answer):
    answer(kind)

    assert state(order) == ("CANCELLED", "NOT_DUE")
    assert flags() == [flag]


def test_a_proven_wish_for_another_time_takes_the_visit_back_to_be_planned(order, answer, pair):
    wish = {"wished_from": VISIT_AT + timedelta(days=1), "wished_until": VISIT_AT + timedelta(days=1, hours=3)}

    asked = answer("OTHER_TIME", **wish)

    assert state(order) == ("APPROVED", "")
    assert guarded(order) == []
    assert (asked.wished_from, asked.wished_until, asked.by_video) == (*wish.values(), False)
    planned = assign_crew(
        order=order, lead=pair[0], second=pair[1], starts_at=wish["wished_from"], actor=None, at=ANSWERED_AT
    )
    assert planned.state == "SCHEDULED"


def test_a_wish_for_video_holds_the_visit_until_somebody_has_arranged_it(order, answer):
    assert answer("OTHER_TIME", by_video=True).holds is True
    assert state(order) == ("APPROVED", "")


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (None, None, "Choose a day and hours, or video."),
        (timedelta(hours=20), timedelta(hours=22), "This is too soon. Choose a time at least 24 hours from now."),
        (timedelta(days=15), timedelta(days=15, hours=2), "Choose a day within the next 14 days."),
        (
            timedelta(days=1),
            timedelta(days=1, hours=1),
            "Choose at least two hours, so that the visitors can be on time.",
        ),
        (
            timedelta(days=1, hours=6),
            timedelta(days=1, hours=9),
            "Nobody comes at this hour. Choose a time between 09:00 and 20:00.",
        ),
    ],
)
def test_a_wish_outside_of_what_is_lawful_is_refused_with_words(opens, closes, words, order, answer, settings):
    settings.LANGUAGE_CODE = "en"
    wish = {} if opens is None else {"wished_from": ANSWERED_AT + opens, "wished_until": ANSWERED_AT + closes}

    with pytest.raises(InvalidInput, match=words) as refused:
        answer("OTHER_TIME", **wish)

    assert refused.value.field == "day"
    assert (LetterAnswer.objects.count(), state(order)[0]) == (0, "ACCEPTED")


@pytest.mark.parametrize("proven", [True, False])
def test_a_complaint_is_received_with_its_clock_and_pauses_visits(proven, order, answer):
    sent = answer("COMPLAINT", proven=proven, text="来访人员态度恶劣")

    complaint = Complaint.objects.get()
    assert (complaint.kind, complaint.state, complaint.subject) == ("COMPLAINT", "RECEIVED", "来访人员态度恶劣")
    assert (complaint.answer_due_on, sent.complaint) == (TODAY + timedelta(days=15), complaint)
    assert state(order) == ("APPROVED", "")
    assert flags() == ["COMPLAINT"]
    assert guarded(order) == (["COMPLAINT_OPEN"] if proven else ["COMPLAINT_OPEN", "ANSWER_OPEN"])


def test_a_complaint_needs_words(order, answer):
    with pytest.raises(InvalidInput):
        answer("COMPLAINT", text="  ")


def test_a_paper_is_kept_and_holds_the_visit_even_when_it_is_proven(order, answer):
    content = photo(seed=7)

    sent = answer("PAPER", paper=content, paper_kind="RECEIPT")

    assert state(order) == ("APPROVED", "")
    assert (sent.holds, sent.paper_state, sent.paper_kind) == (True, "WAITING", "RECEIPT")
    assert is_sealed(name=sent.paper.name)


def test_whoever_says_that_the_borrower_is_not_there_casts_doubt_on_the_address(order, answer):
    answer("NOT_HERE", proven=False)

    assert Address.objects.get().verdict == "DOUBTFUL"


def test_the_same_form_sent_again_changes_nothing(order, answer):
    form = uuid4()
    first = answer("DECLINE", form_ref=form)
    events, entries = CaseEvent.objects.count(), AuditEntry.objects.count()

    again = answer("DECLINE", form_ref=form, at=ANSWERED_AT + timedelta(hours=1))

    assert again.pk == first.pk
    assert (LetterAnswer.objects.count(), CaseEvent.objects.count()) == (1, events)
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("over", ["REPORTED", "VERIFIED", "CANCELLED", "EXPIRED"])
def test_after_the_visit_an_answer_is_a_message(over, order, answer):
    VisitOrder.objects.update(state=over)

    message = answer("DECLINE")

    assert (message.is_late, message.holds) == (True, False)
    assert state(order)[0] == over
    assert (flags(), guarded(order)) == ([], [])


def test_a_crew_that_has_left_is_not_called_back(order, answer, pair):
    VisitOrder.objects.update(state="CHECKED_IN")
    CheckIn.objects.create(
        order=order,
        member=pair[0],
        moment="OUT",
        external_ref="O1",
        point="31.230400,121.473700",
        device_at=VISIT_AT,
        received_at=VISIT_AT,
        happened_at=VISIT_AT,
    )

    assert answer("DECLINE").is_late is True
    assert state(order) == ("CHECKED_IN", "")


@pytest.mark.parametrize("proven", [True, False])
def test_a_former_letter_stops_the_next_visit_too(proven, order, answer, case, placement, pair, approver):
    """Whoever says no has said it, whichever of the letters they hold."""
    VisitOrder.objects.update(state="CANCELLED", ended_at=AT)
    following = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)

    declined = answer("DECLINE", proven=proven)

    assert (declined.is_late, state(following), state(order)[0]) == (False, ("APPROVED", ""), "CANCELLED")
    assert guarded(order) == (["VISIT_DECLINED"] if proven else ["ANSWER_OPEN"])


def test_a_complaint_after_the_visit_is_received_all_the_same(order, answer):
    VisitOrder.objects.update(state="REPORTED")

    answer("COMPLAINT", text="他们在楼道里大声说话")

    assert (Complaint.objects.count(), flags()) == (1, ["COMPLAINT"])


def test_the_former_letter_still_reaches_a_visit_that_was_taken_back(order, answer):
    code = order.letter_code
    answer("OTHER_TIME", wished_from=VISIT_AT + timedelta(days=1), wished_until=VISIT_AT + timedelta(days=1, hours=3))
    order.refresh_from_db()
    assert order.letter_code is None

    answer("DECLINE", code=code)

    assert state(order) == ("CANCELLED", "BORROWER_ASKED")


def test_an_unknown_code_keeps_nothing(order):
    given = GivenAnswer(kind="DECLINE", form_ref=uuid4())

    assert receive_answer(code="unknown", given=given, at=ANSWERED_AT) is None
    assert LetterAnswer.objects.count() == 0


def test_the_trail_and_the_timeline_hold_codes_and_no_words(order, answer):
    sent = answer("COMPLAINT", text="来访人员态度恶劣")

    entry = AuditEntry.objects.filter(action="letter.answered").get()
    assert (entry.subject_type, entry.subject_id, entry.actor_name) == ("visits.letteranswer", str(sent.pk), "")
    assert entry.body == {
        "kind": "COMPLAINT",
        "order": str(order),
        "proof": "RIGHT",
        "late": False,
        "holds": False,
        "complaint": sent.complaint_id,
    }
    event = CaseEvent.objects.get(body__action="answer_COMPLAINT")
    assert event.body == {"action": "answer_COMPLAINT", "order": str(order), "answer": str(sent), "proof": "RIGHT"}
    assert event.note is None


def test_a_held_visit_is_not_set_out_for(order, answer):
    """The guard itself refuses: also a visit that somebody planned in the meantime by other means."""
    answer("DECLINE", proven=False)
    VisitOrder.objects.update(
        state="ACCEPTED",
        letter_code="again",
        notice_sent_at=AT,
        planned_arrival_at=VISIT_AT,
        window_start=VISIT_AT,
        window_end=VISIT_AT + timedelta(hours=2),
        lead=order.lead,
        second=order.second,
    )

    assert depart(order=VisitOrder.objects.get(), actor=None, at=VISIT_AT).state == "CANCELLED"

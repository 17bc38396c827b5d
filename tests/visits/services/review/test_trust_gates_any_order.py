"""Reviews, second reviews, call-backs and fees in any order: a doubtful report never counts, nor is paid, on one person's word."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backoffice.core.errors import DoorstepError
from cases.models import Verification
from tests.factories.evidence import make_reported
from tests.factories.visits import VISIT_AT, make_agency, make_case, make_member, make_placement
from visits.models import CallBack, Evidence, SecondReview, VisitOrder, VisitReport
from visits.services.orders.fees import owed_parts
from visits.services.review.call_backs import answer_call_back, settle_fee
from visits.services.review.review import review_report
from visits.services.review.second_review import second_review

WHO = st.sampled_from(["one", "two", "three"])
VERDICTS = st.sampled_from(["ACCEPTED", "RETURNED", "RED_LINE"])
# NOT_REACHED needs no permit, so that the walk needs no dialer; the fee after a denial is tried by its own tests.
LATE = timedelta(days=9)


class Gates(RuleBasedStateMachine):
    """One visit, three reviewers. The model beside it: who gave which verdict on the version that stands."""

    territory: Any
    approver: Any
    people: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = VISIT_AT + timedelta(hours=2)
        self.first: str = ""
        self.accepted_by: set[str] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(low=st.booleans())
    def report_arrives(self, low: bool) -> None:
        agency, case = make_agency(territory=self.territory), make_case(territory=self.territory)
        pair = make_member(agency=agency), make_member(agency=agency)
        placement = make_placement(case=case, agency=agency)
        report = make_reported(case=case, placement=placement, approver=self.approver, pair=pair)
        self.low, self.order_id, self.submitter = low, report.order_id, "three"
        VisitReport.objects.filter(pk=report.pk).update(submitted_by=self.people["three"])
        Evidence.objects.create(
            report=report,
            external_ref=f"E{report.pk}",
            kind="DOOR",
            media_type="image/jpeg",
            byte_count=1,
            sha256="0" * 64,
            trust_score=50 if low else 90,
            signals=[{"signal": "LOOKALIKE", "weight": -50}] if low else [],
            state="READ",
            read_at=self.at,
            updated_at=self.at,
            received_at=self.at,
        )

    def tried(self, work: Any) -> bool:
        try:
            with transaction.atomic():
                work()
        except DoorstepError:
            return False
        return True

    @property
    def report(self) -> VisitReport:
        return VisitReport.objects.get(order=self.order_id)

    @rule(who=WHO, verdict=VERDICTS)
    def review(self, who: str, verdict: str) -> None:
        score = 0 if verdict == "RED_LINE" else 90
        given = {"verdict": verdict, "quality_score": score, "note": "", "actor": self.people[who], "at": self.at}
        if self.tried(lambda: review_report(report=self.report, **given)) and verdict == "ACCEPTED":
            self.accepted_by.add(who)

    @rule(who=WHO, verdict=VERDICTS)
    def review_again(self, who: str, verdict: str) -> None:
        given = {"verdict": verdict, "reason": "看过", "actor": self.people[who], "at": self.at}
        if self.tried(lambda: second_review(report=self.report, **given)) and verdict == "ACCEPTED":
            self.accepted_by.add(who)

    @rule(who=WHO, late=st.booleans())
    def call(self, who: str, late: bool) -> None:
        for each in CallBack.objects.filter(order=self.order_id):
            at = self.at + LATE if late else self.at
            given = {"answer": "NOT_REACHED", "actor": self.people[who], "at": at}
            self.tried(lambda each=each, given=given: answer_call_back(call_back=each, **given))

    @rule(who=WHO, pays=st.booleans())
    def settle(self, who: str, pays: bool) -> None:
        for each in CallBack.objects.filter(order=self.order_id):
            given = {"is_paid": pays, "reason": "查过", "actor": self.people[who], "at": self.at}
            self.tried(lambda each=each, given=given: settle_fee(call_back=each, **given))

    @invariant()
    def a_doubtful_report_counts_by_two_people_and_never_by_who_handed_it_in(self) -> None:
        order = VisitOrder.objects.filter(pk=getattr(self, "order_id", 0)).first()
        if order is None:
            return
        is_verified = order.state == "VERIFIED"
        assert Verification.objects.filter(case=order.case_id).exists() == is_verified
        assert self.submitter not in self.accepted_by
        if is_verified:
            assert len(self.accepted_by) == (2 if self.low else 1)
            assert SecondReview.objects.filter(review__report__order=order).count() == int(self.low)

    @invariant()
    def it_is_paid_only_after_the_borrower_was_asked(self) -> None:
        order = VisitOrder.objects.filter(pk=getattr(self, "order_id", 0)).first()
        if order is None or not self.low:
            return
        owed = owed_parts().filter(of_order=order.pk).exists()
        answered = CallBack.objects.filter(order=order, state="ANSWERED").exists()
        assert owed == (order.state == "VERIFIED" and answered) or order.state == "ABORTED"


def test_no_order_of_events_lets_one_person_pass_a_doubtful_report(shanghai, approver, person):
    Gates.territory, Gates.approver = shanghai, approver
    Gates.people = {name: person("REVIEWER", name=name) for name in ("one", "two", "three")}
    run_state_machine_as_test(
        Gates,
        settings=settings(
            max_examples=40,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )

"""Questions, reports, circumstances and clocks in any order: what is permitted never exceeds a cap or breaks a protection."""

from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import BorrowerFlag, ContactAttempt, ContactBreach, ContactPermit, Person
from cases.services.contacts.expiry import expire_permits
from cases.services.contacts.permits import release_permit
from cases.services.contacts.visits import permit_of_visit, reserve_visit, visit_refusals
from cases.services.people.locks import lock_people
from tests.factories.contacts import ask, report
from tests.factories.portfolio import AT, make_borrower, make_phone

PICK = st.integers(0, 999)
SHANGHAI = ZoneInfo("Asia/Shanghai")
STOPPING = ["CEASE", "DECEASED", "COMPLAINT", "DISPUTED", "BEREAVED", "HOSPITAL", "FRAUD_CLAIM"]
CAPS = {"talks": 3, "tries": 6}


class Contacts(RuleBasedStateMachine):
    """A person of two borrowers, and another who shares a telephone with them. Clocks of clients are up to a minute apart."""

    territory: Any

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = AT
        self.flags: dict[int, int] = Counter()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        person = Person.objects.create(created_at=AT)
        self.borrowers = [make_borrower(territory=self.territory, id_number="", person=person) for _each in range(2)]
        self.borrowers.append(make_borrower(territory=self.territory, id_number=""))
        for each in self.borrowers:
            each.refresh_from_db()
        numbers = ("13800000001", "13800000002")
        self.phones = [[make_phone(borrower=each, number=number) for number in numbers] for each in self.borrowers]
        self.visits = 0

    def now(self, skew: int) -> Any:
        """Return the time by the clock of one client, which may be behind."""
        return self.at - timedelta(seconds=skew)

    def person(self, number: int) -> int:
        return min(number, 1)

    @rule(minutes=st.sampled_from([0, 1, 5, 20, 80, 200, 700]))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes, microseconds=7)

    @rule(who=st.integers(0, 2), phone=st.sampled_from([None, 0, 1]), skew=st.integers(0, 60), purpose=st.booleans())
    def somebody_asks(self, who: int, phone: int | None, skew: int, purpose: bool) -> None:
        permit = ask(
            borrower=self.borrowers[who],
            phone=None if phone is None else self.phones[who][phone],
            purpose="COLLECTION" if purpose else "VISIT_NOTICE",
            at=self.now(skew),
        )
        people = (0, 1) if who < 2 else (2,)
        assert not (permit.granted and any(self.flags[each] for each in people))

    @rule(which=PICK, minutes=st.integers(0, 30), reached=st.booleans(), skew=st.integers(0, 60), named=st.booleans())
    def a_contact_is_reported(self, which: int, minutes: int, reached: bool, skew: int, named: bool) -> None:
        permits = list(ContactPermit.objects.exclude(channel="VISIT").order_by("pk"))
        if not permits:
            return
        permit = permits[-1 - which % min(len(permits), 6)]
        at = self.now(skew)
        report(
            borrower=permit.borrower,
            channel=permit.channel,
            phone=permit.phone,
            outcome="RIGHT_PARTY" if reached else "NO_ANSWER",
            permit_ref=permit.reference if named else "",
            attempted_at=min(permit.asked_at + timedelta(minutes=minutes), at),
            at=at,
        )

    @rule(who=st.integers(0, 2), back=st.integers(0, 600), reached=st.booleans())
    def a_contact_comes_without_a_permit(self, who: int, back: int, reached: bool) -> None:
        report(
            borrower=self.borrowers[who],
            phone=self.phones[who][back % 2],
            outcome="RIGHT_PARTY" if reached else "BUSY",
            attempted_at=self.at - timedelta(minutes=back),
            at=self.at,
        )

    @rule(which=PICK)
    def a_permit_is_given_back(self, which: int) -> None:
        permits = list(ContactPermit.objects.filter(state="RESERVED", asked_by=None).exclude(channel="VISIT"))
        if permits:
            release_permit(permit=permits[which % len(permits)], actor=None, at=self.at)

    @rule()
    def expired_permits_are_marked(self) -> None:
        expire_permits(at=self.at)

    @rule(who=st.integers(0, 2), kind=st.sampled_from(STOPPING))
    def a_circumstance_comes_or_goes(self, who: int, kind: str) -> None:
        flag = BorrowerFlag.objects.filter(borrower=self.borrowers[who], kind=kind, cleared_at__isnull=True).first()
        if flag is None:
            BorrowerFlag.objects.create(borrower=self.borrowers[who], kind=kind, source="CALL", set_at=self.at)
            self.flags[who] += 1
        else:
            flag.cleared_at = self.at
            flag.save()
            self.flags[who] -= 1

    @rule(who=st.integers(0, 2), talked=st.sampled_from([None, True, False]))
    def a_visit_is_opened(self, who: int, talked: bool | None) -> None:
        borrower = self.borrowers[who]
        people = lock_people(borrowers=[borrower.pk])
        if visit_refusals(borrower=borrower, people=people, at=self.at):
            return
        self.visits += 1
        visit = f"V{self.visits}"
        reserve_visit(borrower=borrower, people=people, visit=visit, actor=None, at=self.at)
        if talked is not None:
            report(
                borrower=borrower,
                channel="VISIT",
                outcome="RIGHT_PARTY" if talked else "NO_ANSWER",
                permit_ref=permit_of_visit(visit=visit),
                at=self.at,
            )

    @invariant()
    def no_cap_is_exceeded_without_a_breach(self) -> None:
        if not hasattr(self, "borrowers"):
            return
        persons = {each.pk: self.person(max(0, index - 1)) for index, each in enumerate(self.borrowers)}
        over = set(
            ContactBreach.objects.filter(kind__in=["CONVERSATIONS_A_DAY", "TRIES_A_NUMBER"]).values_list(
                "contact_ref", "kind"
            )
        )
        used = set(ContactPermit.objects.filter(state="USED").values_list("used_by", flat=True))
        talks: Counter[Any] = Counter()
        tries: Counter[Any] = Counter()
        for attempt in ContactAttempt.objects.all():
            day = attempt.attempted_at.astimezone(SHANGHAI).date()
            if attempt.right_party and (attempt.external_ref, "CONVERSATIONS_A_DAY") not in over:
                talks[persons[attempt.borrower_id], day] += 1
            number = bytes(attempt.number_index)
            if number and (attempt.external_ref, "TRIES_A_NUMBER") not in over:
                tries[number, day] += 1
        assert max(talks.values(), default=0) <= CAPS["talks"]
        assert max(tries.values(), default=0) <= CAPS["tries"]
        # Nobody who asked and kept to the answer is blamed.
        assert not {ref for ref, _kind in over} & used


def test_no_order_of_questions_reports_and_clocks_exceeds_a_cap(shanghai: Any) -> None:
    Contacts.territory = shanghai

    run_state_machine_as_test(
        Contacts,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

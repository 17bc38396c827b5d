"""
Decisions that overlap, end, are undone and answered late, in any order: the terms always follow from what stands.

The core of the test applies the highest version, refuses some, answers late, twice, with another value or never, and sets terms
of its own accord. Once nothing stands and all is answered, core and ledger agree at the base.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backoffice.core.errors import DoorstepError
from backoffice.outbox.models import OutboxEvent
from cases.models import Account, AccountTerm, Decision, RepaymentPlan, TermsChange, TermsMeasure
from cases.rules.lifecycle import STANDING_DECISION
from cases.rules.policy.features import REWARD_KINDS
from cases.rules.terms import Standing, effective_value
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.core_word import hear_accounts
from cases.services.decisions.ending import follow_payments
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.opt_in import answer_offer, lapse_offers, open_offers
from cases.services.decisions.plans import agree_plan, break_plans
from cases.services.decisions.reversal import reverse_decision
from cases.services.decisions.trouble import find_silent_terms, instruct_again
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_account, make_borrower

PICK = st.integers(0, 999)
KINDS = [
    "GRACE",
    "SPECIAL_CARE",
    "LEGAL",
    "FREEZE",
    "LIMIT_CUT",
    "LIMIT_INCREASE",
    "RATE_REDUCTION",
    "RATE_RELIEF",
    "PLAN",
]
COLUMNS = {"LIMIT": "credit_limit", "RATE": "annual_rate", "STATUS": "status"}


class Terms(RuleBasedStateMachine):
    """Two accounts of one borrower, and a core that holds a version and a value of each of their terms."""

    territory: Any
    approver: Any
    second: Any
    officer: Any

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at: datetime = AT
        self.day: date = TODAY
        self.core: dict[tuple[int, str], tuple[int, str]] = {}
        self.unanswered: list[tuple[str, str]] = []
        self.read = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def now(self) -> datetime:
        self.at += timedelta(seconds=61, microseconds=7)
        return self.at

    @initialize(first=st.lists(st.tuples(PICK, st.sampled_from(KINDS)), min_size=3, max_size=8))
    def begin(self, first: list[tuple[int, str]]) -> None:
        borrower = make_borrower(territory=self.territory)
        self.accounts = [
            make_account(borrower=borrower, days_past_due=95, arrears_amount=Decimal(32000)) for _ in range(2)
        ]
        for account in self.accounts:
            account.refresh_from_db()
            for field, column in COLUMNS.items():
                self.core[account.pk, field] = (0, str(getattr(account, column)))
            self.core[account.pk, "COLLECTION"] = (0, "NORMAL")
            self.core[account.pk, "PENALTY"] = (0, "CHARGED")
        for number, (pick, kind) in enumerate(first):
            self.decide(pick, kind, 5 + number, 1 + number)
            if pick % 3:
                self.everything_is_answered()
            if kind == "PLAN" and pick % 2:
                self.agree(0)

    def account(self, pick: int) -> Account:
        return Account.objects.get(pk=self.accounts[pick % 2].pk)

    @rule(pick=PICK, kind=st.sampled_from(KINDS), days=st.integers(1, 40), share=st.integers(1, 9))
    def decide(self, pick: int, kind: str, days: int, share: int) -> None:
        # What is approved fits the account: rewards where nothing is due, restrictions where something is.
        days_late, arrears = (0, Decimal(0)) if kind in REWARD_KINDS else (95, Decimal(32000))
        Account.objects.filter(pk=self.accounts[pick % 2].pk).update(days_past_due=days_late, arrears_amount=arrears)
        account = self.account(pick)
        term = AccountTerm.objects.filter(account=account, field="LIMIT").first()
        limit = Decimal(term.effective) if term else account.credit_limit
        terms: dict[str, Any] = {}
        if kind in ("LIMIT_CUT", "LIMIT_INCREASE"):
            factor = Decimal(share) / 10 if kind == "LIMIT_CUT" else 1 + Decimal(share) / 10
            terms = {
                "terms": {"before": f"{limit:.2f}", "limit": f"{limit * factor:.2f}", "way_back": "PAY_THE_ARREARS"}
            }
        elif kind in ("FREEZE", "LEGAL"):
            terms = {"terms": {"way_back": "PAY_THE_ARREARS" if kind == "FREEZE" else "SETTLE_OR_AGREE_A_PLAN"}}
        ends = None if kind == "PLAN" else self.day + timedelta(days=days)
        try:
            with transaction.atomic():
                decision = make_decision(
                    account=account, kind=kind, business_date=self.day, expires_on=ends, created_at=self.at, **terms
                )
                for who in (self.approver, self.second):
                    if decision.state == "PROPOSED":
                        approve_decision(decision=decision, actor=who, at=self.now(), note="Evidence read")
        except DoorstepError:
            return
        except Exception as error:
            if "one_pending_decision" not in str(error):
                raise

    @rule(pick=PICK)
    def agree(self, pick: int) -> None:
        plans = RepaymentPlan.objects.filter(state="PROPOSED").order_by("pk")
        if plans:
            try:
                agree_plan(plan=plans[pick % len(plans)], agreement_ref="REC-1", actor=self.officer, at=self.now())
            except DoorstepError:
                return

    @rule(days=st.integers(1, 45))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.at += timedelta(days=days)
        expire_decisions(business_date=self.day, at=self.now())
        break_plans(business_date=self.day, at=self.now())
        while lapse_offers(at=self.now()):
            continue
        find_silent_terms(at=self.now())

    @rule(pick=PICK, accepted=st.booleans(), by_core=st.booleans())
    def borrower_answers(self, pick: int, accepted: bool, by_core: bool) -> None:
        """The answer to a raised limit, heard by an officer or by the core; the core may have raised it already."""
        offers = open_offers().order_by("pk")
        if not offers:
            return
        offer = offers[pick % len(offers)]
        try:
            if by_core and not accepted:
                key = f"{offer.account_id}-LIMIT-{offer.version}"
                acknowledge_terms_change(
                    effect_key=key, accepted=False, declined=True, actor=self.officer, at=self.now()
                )
            else:
                answer_offer(
                    decision=offer.decision, accepted=accepted, evidence_ref="REC-2", actor=self.officer, at=self.now()
                )
        except DoorstepError:
            return
        assert accepted or not open_offers().filter(pk=offer.pk).exists()

    @rule(pick=PICK)
    def reverse(self, pick: int) -> None:
        standing = Decision.objects.filter(state__in=STANDING_DECISION).order_by("pk")
        if standing:
            decision = standing[pick % len(standing)]
            reverse_decision(decision=decision, reason="Wrong", actor=self.approver, at=self.now())

    @rule(pick=PICK, days=st.sampled_from([0, 5, 40]))
    def pays_or_defaults(self, pick: int, days: int) -> None:
        arrears = Decimal(20000) if days else Decimal(0)
        Account.objects.filter(pk=self.account(pick).pk).update(days_past_due=days, arrears_amount=arrears)
        follow_payments(at=self.now())
        assert follow_payments(at=self.now()) == 0

    @rule(pick=PICK, share=st.integers(1, 20), field=st.sampled_from(["LIMIT", "RATE"]))
    def core_sets_a_term_of_its_own_accord(self, pick: int, share: int, field: str) -> None:
        key = (self.account(pick).pk, field)
        value = f"{share * 4321:.2f}" if field == "LIMIT" else f"{Decimal(share) / 100:.5f}"
        self.core[key] = (self.core[key][0], value)

    @rule(pick=PICK)
    def core_sends_its_file(self, pick: int) -> None:
        account = self.account(pick)
        values = {column: self.core[account.pk, field][1] for field, column in COLUMNS.items()}
        Account.objects.filter(pk=account.pk).update(as_of=self.day, **values)
        hear_accounts(at=self.now())

    @rule(refuses=st.integers(0, 4))
    def core_receives(self, refuses: int) -> None:
        for event in OutboxEvent.objects.filter(pk__gt=self.read, topic="terms.changed").order_by("pk"):
            self.read = event.pk
            payload = event.payload
            account = Account.objects.get(external_ref=payload["account"])
            key = (account.pk, payload["field"])
            if refuses == 4:
                self.unanswered.append((payload["effect_key"], ""))
                continue
            if payload["version"] > self.core[key][0]:
                self.core[key] = (payload["version"], payload["after"])
            self.unanswered.append((payload["effect_key"], payload["after"]))

    @rule(pick=PICK, way=st.sampled_from(["right", "right", "right", "twice", "another value", "never"]))
    def core_answers(self, pick: int, way: str) -> None:
        if not self.unanswered:
            return
        key, value = self.unanswered.pop(pick % len(self.unanswered))
        if way == "never":
            return
        if way == "another value" and value:
            wrong = "1.00" if key.split("-")[1] in ("LIMIT", "RATE") else "SOMETHING"
            self.answer(key, wrong)
            self.unanswered.append((key, value))
            return
        for _time in range(2 if way == "twice" else 1):
            self.answer(key, value)

    def answer(self, key: str, value: str) -> None:
        try:
            acknowledge_terms_change(
                effect_key=key,
                accepted=bool(value),
                value=value,
                refused_reason="" if value else "closed",
                actor=None,
                at=self.now(),
            )
        except DoorstepError:
            return

    @invariant()
    def terms_follow_from_what_stands(self) -> None:
        standing: dict[tuple[int, str], list[Standing]] = defaultdict(list)
        for measure in TermsMeasure.objects.filter(ended_at__isnull=True, suspended_at__isnull=True):
            amount = measure.amount if measure.amount is not None else Decimal(0)
            standing[measure.account_id, measure.field].append(Standing(mode=measure.mode, amount=amount))
        terms = {(term.account_id, term.field): term for term in AccountTerm.objects.all()}
        assert standing.keys() <= terms.keys()
        for (account, field), term in terms.items():
            wanted = effective_value(field=field, base=term.base, standing=standing[account, field])
            assert term.effective == wanted, (field, term.base, standing[account, field])
            lines = TermsChange.objects.filter(account=account, field=field).order_by("version")
            assert [line.version for line in lines] == [*range(1, term.version + 1)]
            answered = [line.version for line in lines if line.acknowledged_at is not None]
            assert term.acknowledged_version == max(answered, default=0)

    @invariant()
    def what_ended_does_not_stand(self) -> None:
        ended = Decision.objects.exclude(state__in=STANDING_DECISION)
        left = TermsMeasure.objects.filter(decision__in=ended, ended_at__isnull=True)
        # The rate of a broken plan goes on.
        assert not left.exclude(mode="CEILING").exists()

    def everything_is_answered(self) -> None:
        self.core_receives(0)
        while self.unanswered:
            # The newest first: what comes later is about an older instruction.
            self.answer(*self.unanswered.pop())

    @rule()
    def all_ends_and_is_answered(self) -> None:
        """Once nothing stands and all is answered, core and ledger agree; what differs, a person instructs again."""
        for decision in Decision.objects.filter(state__in=STANDING_DECISION).order_by("pk"):
            reverse_decision(decision=decision, reason="Wrong", actor=self.approver, at=self.now())
        for _round in range(3):
            self.everything_is_answered()
            self.day += timedelta(days=2)
            self.at += timedelta(days=2)
            find_silent_terms(at=self.now())
            for pick in (0, 1):
                self.core_sends_its_file(pick)
            for term in AccountTerm.objects.exclude(trouble=""):
                instruct_again(term=term, actor=self.approver, at=self.now())
        self.everything_is_answered()
        broken = set(TermsMeasure.objects.filter(ended_at__isnull=True).values_list("account_id", "field"))
        for term in AccountTerm.objects.all():
            assert self.core[term.account_id, term.field][1] == term.effective, (term.field, term.trouble)
            if (term.account_id, term.field) not in broken:
                assert term.effective == term.base


@pytest.mark.django_db
def test_terms_follow_from_what_stands_in_any_order(shanghai: Any, person: Any) -> None:
    Terms.territory, Terms.approver, Terms.officer = shanghai, person("APPROVER"), person("CASE_OFFICER")
    Terms.second = person("APPROVER", name="second")
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Terms, settings=settings(max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=checks)
    )

"""Standing rules over a range: the SQL computes limits and rates like the pure rules, and respects earlier decisions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils.timezone import localdate

from backoffice.audit.models import AuditEntry
from cases.enums import FlagKind
from cases.models import Account, Decision, PolicyVersion, PromiseToPay, Statement, TermsChange, TermsMeasure
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.standing import lowered_rate
from cases.services.casework.circumstances import protect
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from cases.services.evaluation.standing import apply_range, evaluate_range, preview_range
from cases.services.policies.policy_book import book_of
from tests.factories.casework import AT, TODAY, make_decision, make_policy_version
from tests.factories.portfolio import make_overdue
from tests.factories.standing import CUT, FREEZE, LOWER, RAISE, judge, make_good, version_with


def test_evaluate_range_takes_the_first_rule_of_a_kind(shanghai):
    make_good(shanghai)

    judge(version_with(rewards=[RAISE | {"percent": "50"}, RAISE]))

    assert list(Decision.objects.values_list("terms__limit", flat=True)) == ["90000.00"]


def test_evaluate_range_takes_nothing_from_a_protected_borrower(shanghai):
    account = make_overdue(territory=shanghai)
    protect(borrower=account.borrower, kind="HARDSHIP", source="CALL", actor=None, at=AT)

    assert judge(version_with(restrictions=[FREEZE, CUT])).proposed == 0


def test_evaluate_range_freezes_nothing_that_is_frozen(shanghai):
    make_overdue(territory=shanghai, status="FROZEN")

    assert judge(version_with(restrictions=[FREEZE])).proposed == 0


@pytest.mark.parametrize(("state", "expected"), [("REJECTED", 0), ("REVERSED", 0), ("PROPOSED", 0), ("EXPIRED", 1)])
def test_evaluate_range_does_not_come_back_at_once_with_what_a_person_refused(shanghai, approver, state, expected):
    account = make_overdue(territory=shanghai)
    make_decision(
        account=account,
        kind="FREEZE",
        state=state,
        # Long in force: the days count from the rejection or reversal.
        business_date=TODAY - timedelta(days=300),
        updated_at=AT - timedelta(days=89),
        approved_by=approver,
        approved_at=AT,
    )

    assert judge(version_with(restrictions=[FREEZE])).proposed == expected


@pytest.mark.parametrize(
    ("rate", "original"),
    [("0.18", "0.18"), ("0.155", "0.18"), ("0.152", "0.18"), ("0.15", "0.18"), ("0.003", "0.003"), ("0", "0")],
)
def test_evaluate_range_lowers_rates_like_the_rules_do(shanghai, approver, rate, original):
    account = make_good(shanghai, annual_rate=Decimal(rate))
    if rate != original:
        earlier = make_decision(
            account=account,
            kind="RATE_REDUCTION",
            business_date=TODAY - timedelta(days=200),
            state="ACKNOWLEDGED",
            approved_by=approver,
        )
        TermsMeasure.objects.create(
            account=account,
            decision=earlier,
            field="RATE",
            mode="REDUCTION",
            amount=Decimal(original) - Decimal(rate),
            began_at=AT,
        )

    judge(version_with(rewards=[LOWER]))

    wanted = lowered_rate(rate=Decimal(rate), original=Decimal(original), points=Decimal("0.005"), most=Decimal("0.03"))
    found = Decision.objects.filter(reasons=["GAIN0"]).values_list("terms__rate", flat=True)
    assert [Decimal(value) for value in found] == ([wanted] if wanted < Decimal(rate) else [])


@pytest.mark.parametrize("fields", [{"days_past_due": 1}, {"arrears_amount": Decimal("0.01")}, {"status": "CLOSED"}])
def test_evaluate_range_rewards_only_accounts_with_nothing_due(shanghai, fields):
    make_good(shanghai, **fields)

    assert judge(version_with(rewards=[RAISE, LOWER])).proposed == 0


@pytest.mark.parametrize("kind", [kind for kind in FlagKind.values if kind not in ("DECEASED", "FRAUD_CLAIM")])
def test_no_circumstance_costs_the_rewards_that_payments_earned(shanghai, kind):
    account = make_good(shanghai)
    protect(borrower=account.borrower, kind=kind, source="CALL", actor=None, at=AT)
    for month in (
        date(2025, 9, 1),
        date(2025, 10, 1),
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ):
        Statement.objects.create(account=account, period=month, paid_amount=Decimal(4000))
    PromiseToPay.objects.bulk_create(
        PromiseToPay(
            borrower=account.borrower,
            account=account,
            external_ref=f"{kind}{number}",
            channel="VOICE",
            amount=Decimal(100),
            promised_on=TODAY - timedelta(days=40),
            due_on=TODAY - timedelta(days=30),
            state="KEPT",
            settled_on=TODAY - timedelta(days=30),
            created_at=AT,
            updated_at=AT,
        )
        for number in range(2)
    )

    judge(make_policy_version(body=DEFAULT_POLICY))

    rewards = Decision.objects.order_by("kind").values_list("kind", "state")
    assert list(rewards) == [("LIMIT_INCREASE", "APPROVED"), ("RATE_REDUCTION", "APPROVED")]


@pytest.mark.parametrize("kind", ["DECEASED", "FRAUD_CLAIM"])
def test_a_limit_is_raised_for_nobody_who_cannot_accept_it(shanghai, kind):
    account = make_good(shanghai)
    protect(borrower=account.borrower, kind=kind, source="CALL", actor=None, at=AT)

    judge(version_with(rewards=[RAISE, LOWER]))

    assert list(Decision.objects.values_list("kind", "state")) == [("RATE_REDUCTION", "APPROVED")]


def test_approve_leaves_what_no_longer_fits_to_a_person(shanghai):
    account, other = make_good(shanghai), make_good(shanghai)
    version = version_with(rewards=[RAISE])
    with transaction.atomic():
        ranges = {"book": book_of({"": version}), "business_date": TODAY, "lower": 0, "upper": 10**9, "at": AT}
        preview_range(**ranges)
        # A file came in between the preview and the night's decisions.
        Account.objects.filter(pk=account.pk).update(days_past_due=3, arrears_amount=Decimal(500))
        apply_range(**ranges)

    states = dict(Decision.objects.values_list("account", "state"))
    assert states == {account.pk: "PROPOSED", other.pk: "APPROVED"}
    assert list(TermsChange.objects.values_list("account", flat=True)) == [other.pk]


def test_evaluate_range_does_not_propose_what_an_upheld_appeal_bars(shanghai, officer, approver, person):
    account = make_overdue(territory=shanghai)
    version = version_with(restrictions=[CUT])
    judge(version)
    cut = Decision.objects.get()
    approve_decision(decision=cut, actor=approver, at=AT, note="Evidence read")
    appeal = receive_complaint(
        borrower=account.borrower, kind="APPEAL", decision=cut, subject="Wrong", actor=officer, at=AT
    )
    answered = AT + timedelta(days=200)
    answer_complaint(
        complaint=appeal, upheld=True, answer="You are right", actor=person("APPROVER", name="other"), at=answered
    )
    Decision.objects.update(updated_at=AT)

    def on(days):
        later = answered + timedelta(days=days)
        Account.objects.update(as_of=localdate(later))
        return judge(version, on=localdate(later), at=later).proposed

    assert (on(0), on(180), on(181)) == (0, 0, 1)


def test_evaluate_range_takes_nothing_while_grace_stands_nor_where_nothing_is_due(shanghai, approver):
    account = make_overdue(territory=shanghai)
    make_good(shanghai)
    grace = make_decision(account=account, state="ACKNOWLEDGED", approved_by=approver, expires_on=TODAY)
    version = version_with(restrictions=[FREEZE, CUT])

    during = judge(version).proposed
    Decision.objects.filter(pk=grace.pk).update(expires_on=TODAY - timedelta(days=1))

    assert (during, judge(version).proposed) == (0, 2)


def test_a_cut_of_a_night_that_is_caught_up_runs_no_longer(shanghai, approver):
    account = make_overdue(territory=shanghai)
    caught_up = AT + timedelta(days=28, microseconds=5)
    judge(version_with(restrictions=[CUT]), at=caught_up)
    cut = Decision.objects.get(account=account)

    approve_decision(decision=cut, actor=approver, at=caught_up, note="Evidence read")

    assert (cut.expires_on - localdate(caught_up)).days == CUT["expires_days"]


def test_limits_rise_by_the_budget_of_a_night_the_best_standing_first(shanghai):
    good = [make_good(shanghai, credit_limit=Decimal(30_000)) for _number in range(4)]
    for account, months in zip(good, (2, 5, 3, 4), strict=True):
        for ago in range(months):
            Statement.objects.create(account=account, period=date(2025, 12 - ago, 1))
    # The limits are 120,000 together, so that 6,000 may be added: two rises of 3,000.
    version = version_with(rewards=[RAISE], max_exposure_share="0.05")

    judge(version)

    assert set(Decision.objects.values_list("account", "state")) == {(good[1].pk, "APPROVED"), (good[3].pk, "APPROVED")}
    told = AuditEntry.objects.get(action="standing.judged").body
    assert (told["raised"], told["budget"]) == ("6000.00", "6000.00")
    # A second pass of the night has the same budget, of which nothing is left; the next night the others come.
    judge(version, at=AT + timedelta(hours=1))
    assert Decision.objects.count() == 2
    judge(version, on=TODAY + timedelta(days=1), at=AT + timedelta(days=1))
    assert set(Decision.objects.values_list("account", flat=True)) == {account.pk for account in good}


def test_a_second_rule_has_what_the_first_left_of_the_budget(shanghai):
    make_good(shanghai, credit_limit=Decimal(30_000))
    make_good(shanghai, credit_limit=Decimal(30_000), currency="TWD")
    # 30,000 and 30,000 / 4.4 are 36,818 CNY.
    judge(version_with(rewards=[RAISE, RAISE], max_exposure_share="0.08"))

    assert list(Decision.objects.values_list("account__currency", "terms__limit")) == [("CNY", "33000.00")]


@pytest.mark.parametrize(("days", "expected"), [(31, 2), (32, 0)])
def test_nothing_follows_from_figures_of_last_month_whatever_the_policy_says(shanghai, days, expected):
    old = {"as_of": TODAY - timedelta(days=days)}
    make_good(shanghai, **old)
    make_overdue(territory=shanghai, **old)
    version = version_with(rewards=[RAISE], restrictions=[CUT])
    body = version.body | {"parameters": {}}
    PolicyVersion.objects.filter(pk=version.pk).update(body=body)
    version.refresh_from_db()

    assert judge(version).proposed == expected


def test_a_standing_run_judges_overdue_accounts_without_a_trigger_run_of_the_day(shanghai):
    make_overdue(territory=shanghai)
    make_good(shanghai)

    with transaction.atomic():
        outcome = evaluate_range(
            book=book_of({"": version_with(restrictions=[CUT])}), business_date=TODAY, lower=0, upper=10**9, at=AT
        )

    assert (outcome.accounts, outcome.proposed) == (2, 1)


def test_drawing_stops_on_the_first_day_and_the_end_is_the_payment(shanghai):
    make_overdue(territory=shanghai, days=1, arrears="500")
    make_good(shanghai)

    judge(make_policy_version(body=DEFAULT_POLICY))

    freeze = Decision.objects.get()
    assert (freeze.kind, freeze.state, freeze.reasons) == ("FREEZE", "PROPOSED", ["DRAWING_STOPS"])
    assert freeze.terms == {"status": "FROZEN", "way_back": "PAY_THE_ARREARS"}

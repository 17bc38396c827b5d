"""What each channel achieved and cost."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cases.models import ContactAttempt, PromiseToPay, Repayment
from reports.models import CostRate
from reports.selectors.effectiveness import channel_effect
from tests.factories.portfolio import make_account, make_borrower, take_back

numbers = count(1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
START, END = date(2026, 2, 1), date(2026, 2, 28)


def attempt(borrower, channel, day, hour=10, **fields):
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
    values = {"outcome": "NO_ANSWER", "attempted_at": moment, "created_at": moment, **fields}
    return ContactAttempt.objects.create(borrower=borrower, channel=channel, external_ref=f"T{next(numbers)}", **values)


def repay(account, amount, day):
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    return Repayment.objects.create(
        account=account, amount=Decimal(amount), paid_on=day, external_ref=f"R{next(numbers)}", created_at=moment
    )


def promise(account, channel, day, state):
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    return PromiseToPay.objects.create(
        borrower=account.borrower,
        account=account,
        channel=channel,
        external_ref=f"P{next(numbers)}",
        amount=Decimal(100),
        promised_on=day,
        due_on=day + timedelta(days=3),
        state=state,
        settled_on=None if state == "OPEN" else day,
        created_at=moment,
        updated_at=moment,
    )


def effects(user, **fields):
    values = {"start_on": START, "end_on": END, "currency": "CNY", **fields}
    return {effect.channel: effect for effect in channel_effect(user=user, **values)}


@pytest.fixture
def account(shanghai):
    return make_account(borrower=make_borrower(territory=shanghai))


def test_channel_effect_counts_attempts_and_rates(risk_manager, account):
    attempt(account.borrower, "VOICE", date(2026, 2, 3), right_party=True, cost=Decimal("0.5"))
    attempt(account.borrower, "VOICE", date(2026, 2, 4), cost=Decimal("0.5"))
    promise(account, "VOICE", date(2026, 2, 3), "KEPT")
    promise(account, "VOICE", date(2026, 2, 4), "BROKEN")
    promise(account, "VOICE", date(2026, 2, 5), "OPEN")
    repay(account, "200", date(2026, 2, 10))

    voice = effects(risk_manager)["VOICE"]

    assert (voice.attempts, voice.right_party, voice.right_party_rate) == (2, 1, Decimal("0.5"))
    assert (voice.promises, voice.promises_due, voice.promises_kept, voice.kept_rate) == (3, 2, 1, Decimal("0.5"))
    assert (voice.recovered, voice.repayments, voice.cost) == (Decimal(200), 1, Decimal("1.0"))
    assert voice.cost_per_recovered == Decimal("0.0050")
    assert voice.is_small


def test_what_was_taken_back_is_not_recovered(risk_manager, account):
    attempt(account.borrower, "VISIT", date(2026, 2, 8))
    take_back(repayment=repay(account, "300", date(2026, 2, 10)), on=date(2026, 3, 20))
    take_back(repayment=repay(account, "200", date(2026, 2, 10)), on=date(2026, 2, 11), amount="50")

    visit = effects(risk_manager)["VISIT"]

    assert (visit.repayments, visit.recovered) == (1, Decimal(150))


def test_repayment_goes_to_the_last_channel_that_tried(risk_manager, account):
    attempt(account.borrower, "SMS", date(2026, 2, 3))
    attempt(account.borrower, "VISIT", date(2026, 2, 8))
    attempt(account.borrower, "VOICE", date(2026, 2, 11))
    repay(account, "300", date(2026, 2, 10))

    found = effects(risk_manager)

    assert {channel: effect.recovered for channel, effect in found.items()} == {
        "APP": 0,
        "SMS": 0,
        "VOICE": 0,
        "VISIT": Decimal(300),
    }


def test_repayment_on_the_day_of_the_attempt_counts_for_it(risk_manager, account):
    # 23:30 in Shanghai is the day before in UTC.
    attempt(account.borrower, "VISIT", date(2026, 2, 10), hour=23)
    repay(account, "300", date(2026, 2, 10))

    assert effects(risk_manager)["VISIT"].recovered == Decimal(300)


@pytest.mark.parametrize(("days", "recovered"), [(30, Decimal(300)), (31, Decimal(0))])
def test_repayment_after_thirty_days_goes_to_nobody(risk_manager, account, days, recovered):
    attempt(account.borrower, "VISIT", date(2026, 2, 27) - timedelta(days=days))
    repay(account, "300", date(2026, 2, 27))

    assert effects(risk_manager)["VISIT"].recovered == recovered


def test_inbound_contact_is_no_attempt_and_earns_nothing(risk_manager, account):
    attempt(account.borrower, "VOICE", date(2026, 2, 3), direction="INBOUND", right_party=True)
    repay(account, "300", date(2026, 2, 4))

    voice = effects(risk_manager)["VOICE"]

    assert (voice.attempts, voice.recovered) == (0, 0)


def test_period_includes_both_of_its_days_in_local_time(risk_manager, account):
    attempt(account.borrower, "SMS", START, hour=0)
    attempt(account.borrower, "SMS", END, hour=23)
    attempt(account.borrower, "SMS", START - timedelta(days=1), hour=23)
    attempt(account.borrower, "SMS", END + timedelta(days=1), hour=0)

    assert effects(risk_manager)["SMS"].attempts == 2


def test_attempt_without_a_cost_takes_the_rate_of_its_day(risk_manager, account):
    CostRate.objects.create(channel="VISIT", amount=Decimal(80), currency="CNY", valid_from=date(2026, 1, 1))
    CostRate.objects.create(channel="VISIT", amount=Decimal(100), currency="CNY", valid_from=date(2026, 2, 15))
    CostRate.objects.create(channel="VISIT", amount=Decimal(9), currency="USD", valid_from=date(2026, 1, 1))
    attempt(account.borrower, "VISIT", date(2026, 2, 14), hour=23)
    attempt(account.borrower, "VISIT", date(2026, 2, 15), hour=0)
    attempt(account.borrower, "VISIT", date(2026, 2, 16), cost=Decimal(7))

    assert effects(risk_manager)["VISIT"].cost == Decimal(187)


def test_channel_effect_keeps_territories_and_currencies_apart(officer, risk_manager, account, shanghai, chengdu):
    foreign = make_account(borrower=make_borrower(territory=chengdu))
    dollars = make_account(borrower=make_borrower(territory=shanghai), currency="USD")
    for owed in (account, foreign, dollars):
        attempt(owed.borrower, "SMS", date(2026, 2, 3))
        promise(owed, "SMS", date(2026, 2, 3), "KEPT")
        repay(owed, "100", date(2026, 2, 4))

    seen, everything = effects(officer)["SMS"], effects(risk_manager)["SMS"]
    one = effects(risk_manager, territory=chengdu)["SMS"]

    assert (seen.attempts, seen.promises, seen.recovered) == (1, 1, Decimal(100))
    assert (everything.attempts, everything.promises, everything.recovered) == (2, 2, Decimal(200))
    assert (one.attempts, one.promises, one.recovered) == (1, 1, Decimal(100))
    assert effects(risk_manager, currency="USD")["SMS"].recovered == Decimal(100)


@pytest.mark.parametrize("item_count", [1, 3])
def test_channel_effect_takes_four_statements(risk_manager, shanghai, item_count, django_assert_num_queries):
    for _n in range(item_count):
        owed = make_account(borrower=make_borrower(territory=shanghai))
        attempt(owed.borrower, "SMS", date(2026, 2, 3))
        repay(owed, "100", date(2026, 2, 4))

    # Cost rates, attempts, promises, repayments.
    with django_assert_num_queries(4):
        assert effects(risk_manager)["SMS"].attempts == item_count


def test_effectiveness_page_shows_numbers_beside_the_charts(client, officer, account, django_assert_num_queries):
    attempt(account.borrower, "VISIT", date(2026, 2, 3), right_party=True)
    repay(account, "1234.50", date(2026, 2, 4))
    client.force_login(officer)
    client.cookies["django_language"] = "en"
    client.get(reverse("admin:index"))  # the badges are fresh

    # Session, person, territories; choices of the form; cost rates, attempts, promises, repayments; hits, cases; arms.
    with django_assert_num_queries(11):
        page = client.get(reverse("reports_effectiveness"), {"start_on": START, "end_on": END, "currency": "CNY"})

    text = page.content.decode()
    assert "CNY 1,234.50" in text
    assert text.count('class="chart"') == 4
    assert "<script>" not in text


def test_effectiveness_page_says_what_to_do_next_when_nothing_happened(client, officer):
    client.force_login(officer)
    client.cookies["django_language"] = "en"

    text = client.get(reverse("reports_effectiveness")).content.decode()

    assert "Choose a longer period" in text


def test_effectiveness_page_refuses_a_foreign_territory_and_a_wrong_period(client, officer, chengdu):
    client.force_login(officer)
    period = {"start_on": START, "end_on": END, "currency": "CNY"}

    foreign = client.get(reverse("reports_effectiveness"), {**period, "territory": chengdu.pk})
    backwards = client.get(reverse("reports_effectiveness"), {**period, "start_on": END, "end_on": START})

    assert "territory" in foreign.context["form"].errors
    assert "steps" not in foreign.context
    assert backwards.context["form"].non_field_errors()


def test_effectiveness_page_is_closed_for_outside_firms(client, person):
    client.force_login(person("AGENCY_COORDINATOR"))

    assert client.get(reverse("reports_effectiveness")).status_code == 403

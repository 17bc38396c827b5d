"""The home page: what waits for a person, and the numbers beside the menu."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from backoffice.access.roles import Role
from backoffice.wiring.home import year_without_notice
from cases.models import Case, Policy, PolicyVersion, SourceFreshness
from reports.selectors.waiting import CAP, DESKS, waiting
from tests.factories.portfolio import make_borrower


@pytest.fixture(autouse=True)
def _no_old_badges():
    cache.clear()


@pytest.fixture
def version(at):
    policy = Policy.objects.create(name="Default", created_at=at)
    return PolicyVersion.objects.create(policy=policy, number=1, body={}, created_at=at, updated_at=at)


def make_case(*, territory, version, at, **fields):
    borrower = make_borrower(territory=territory)
    values = {"opened_on": at.date(), "sla_due_on": at.date(), "created_at": at, "updated_at": at, **fields}
    return Case.objects.create(borrower=borrower, territory=territory, policy_version=version, **values)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.MACHINE])
def test_home_opens_for_every_role_in_both_languages(client, person, role):
    client.force_login(person(role))

    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("item_count", [1, 3])
def test_home_costs_the_same_whatever_waits(
    client, officer, version, shanghai, at, item_count, django_assert_num_queries
):
    for _n in range(item_count):
        make_case(territory=shanghai, version=version, at=at)
    client.force_login(officer)

    # Session, person, territories; what waits; today along the loop; recent actions are not read.
    with django_assert_num_queries(5):
        page = client.get(reverse("admin:index"))

    due = next(item for item in page.context["waiting"] if item["card"].page == "cases_case")
    assert due["count"] == item_count


@pytest.mark.parametrize(
    ("role", "moment", "year"),
    [
        ("RISK_MANAGER", datetime(2027, 10, 31, 15, 59, 59, 999_999, tzinfo=UTC), None),
        ("RISK_MANAGER", datetime(2027, 10, 31, 16, 0, 0, 1, tzinfo=UTC), 2028),
        ("APPROVER", datetime(2027, 12, 31, 15, 0, 0, 1, tzinfo=UTC), 2028),
        ("CASE_OFFICER", datetime(2027, 12, 31, 15, 0, 0, 1, tzinfo=UTC), None),
    ],
)
def test_people_who_enter_holidays_are_reminded_from_november_on(person, role, moment, year):
    assert year_without_notice(user=person(role), at=moment) == year


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The holidays of 2028 are not entered"), ("zh-hans", "尚未录入 2028 年的节假日")],
)
def test_home_says_that_the_holidays_of_the_next_year_are_not_entered(client, risk_manager, language, words):
    client.force_login(risk_manager)
    page = client.get(reverse("admin:index"))

    with override(language):
        shown = render_to_string("admin/index.html", page.context_data | {"year_without_notice": 2028}, page._request)

    assert words in shown
    assert reverse("admin:cases_holidaynotice_changelist") in shown


def test_waiting_counts_only_what_the_person_may_see_and_work(officer, version, shanghai, chengdu, at, today):
    make_case(territory=shanghai, version=version, at=at)
    make_case(territory=chengdu, version=version, at=at)

    counts = waiting(user=officer, business_date=today)

    assert counts["cases_due"] == 1
    assert "decisions_to_approve" not in counts


def test_waiting_leaves_out_what_one_proposed_oneself(approver, risk_manager, version, today):
    PolicyVersion.objects.filter(pk=version.pk).update(state="SUBMITTED", proposed_by=approver)
    assert waiting(user=approver, business_date=today)["versions_to_approve"] == 0

    PolicyVersion.objects.filter(pk=version.pk).update(proposed_by=risk_manager)
    assert waiting(user=approver, business_date=today)["versions_to_approve"] == 1


def test_waiting_stops_counting_at_the_cap(officer, version, shanghai, at, today):
    for _n in range(CAP + 2):
        make_case(territory=shanghai, version=version, at=at)

    assert waiting(user=officer, business_date=today)["cases_due"] == CAP


def test_every_desk_stands_on_the_home_page():
    from backoffice.wiring.home_cards import CARDS

    assert set(CARDS) == {desk.name for desk in DESKS}


def test_home_says_what_to_do_next_where_nothing_waits(client, officer):
    client.force_login(officer)
    client.cookies["django_language"] = "en"

    page = client.get(reverse("admin:index")).content.decode()

    assert "No case is due. Take the next one from the case list." in page


def test_cards_lead_to_pages_that_open(client, person):
    for role in Role.values:
        if role != Role.MACHINE:
            client.force_login(person(role))
            for item in client.get(reverse("admin:index")).context["waiting"]:
                card = item["card"]
                from backoffice.wiring.home import page_link

                link = page_link(page=card.page, query=card.query)
                # A desk may belong to a role that may not open the list; then the menu hides it as well.
                assert not link or client.get(link).status_code in (200, 403), link


OLD_FEED = {
    "en": "Figures of source core are 10 days old",
    "zh-hans": "来源 core 的数据已有 10 天未更新",
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("role", ["RISK_MANAGER", "CREW"])
def test_home_warns_of_old_figures_those_who_see_the_runs(role, language, client, person):
    day = timezone.localdate() - timedelta(days=10)
    SourceFreshness.objects.create(source="core", newest_as_of=day, overdue_count=5, updated_at=timezone.now())
    client.force_login(person(role))
    client.cookies["django_language"] = language

    page = client.get(reverse("admin:index")).content.decode()

    assert (OLD_FEED[language] in page, f"{day:%Y-%m-%d}" in page) == (role == "RISK_MANAGER", role == "RISK_MANAGER")

"""The home page, the page of roles, and the foundation's lists."""

from datetime import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from backoffice.access.roles import Role
from backoffice.audit.models import AuditEntry
from backoffice.audit.services import record
from backoffice.outbox.models import WebhookEndpoint
from cases.models import Case, Policy, PolicyVersion
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
    from backoffice.wiring.home import CARDS

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


def test_roles_page_tells_every_role(client, officer):
    client.force_login(officer)
    client.cookies["django_language"] = "en"

    page = client.get(reverse("admin:roles")).content.decode()

    for role in Role:
        assert str(role.label) in page
    assert "cases.work_case" in page


def test_lists_of_the_foundation_open_for_the_administrator(client, administrator):
    client.force_login(administrator)

    for page in (
        "access_user",
        "access_territory",
        "django_celery_beat_periodictask",
        "django_celery_beat_crontabschedule",
        "django_celery_beat_intervalschedule",
        "oauth2_provider_application",
        "outbox_webhookendpoint",
        "outbox_webhookdelivery",
        "outbox_outboxevent",
        "axes_accessattempt",
        "axes_accesslog",
    ):
        assert client.get(reverse(f"admin:{page}_changelist")).status_code == 200, page


def test_auditor_verifies_the_chain_by_a_button(client, auditor, officer, at):
    from django.db import transaction

    with transaction.atomic():
        record(actor=officer, action="case.held", subject=("cases.case", 1), at=at)
    client.force_login(auditor)
    client.cookies["django_language"] = "en"

    asked = client.get(reverse("admin:audit_auditentry_verify"))
    done = client.post(reverse("admin:audit_auditentry_verify"), {"_form_submitted": "on"}, follow=True)

    assert asked.status_code == 200
    assert "All 1 entries fit." in done.content.decode()


def test_audit_entries_have_no_form_for_anybody(client, auditor, officer, at):
    record(actor=officer, action="case.held", subject=("cases.case", 1), at=at)
    client.force_login(auditor)
    page = reverse("admin:audit_auditentry_change", args=[1])

    assert client.get(page).status_code == 200
    assert client.post(page, {"action": "other"}).status_code == 403
    assert client.post(reverse("admin:audit_auditentry_delete", args=[1])).status_code == 403
    assert AuditEntry.objects.get().action == "case.held"


def test_endpoint_secret_is_shown_once(client, administrator):
    client.force_login(administrator)

    made = client.post(
        reverse("admin:outbox_webhookendpoint_add"),
        {"external_ref": "core", "url": "https://core.example/in", "topics": "a, b"},
    )

    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.topics == ["a", "b"]
    assert endpoint.secret in made.content.decode()
    page = client.get(reverse("admin:outbox_webhookendpoint_change", args=[endpoint.pk])).content.decode()
    assert endpoint.secret not in page


def test_content_security_policy_stands_on_every_page(client, officer):
    client.force_login(officer)

    policy = client.get(reverse("admin:index"))["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "<script>" not in client.get(reverse("admin:index")).content.decode()


def test_schedules_are_created_once_and_never_overwritten(db, settings):
    from celery import current_app
    from django_celery_beat.models import PeriodicTask

    from backoffice.core.schedules import KeepingScheduler, install_missing_schedules

    entries = settings.CELERY["beat_schedule"]
    assert install_missing_schedules(entries=entries, queue=current_app) == len(entries)
    PeriodicTask.objects.filter(name="outbox-relay").update(enabled=False, task="edited")

    assert install_missing_schedules(entries=entries, queue=current_app) == 0
    scheduler = KeepingScheduler(app=current_app, lazy=True)
    # What the library reads of its own accord closes the connection that this test's transaction needs.
    scheduler._initial_read, scheduler._schedule, scheduler.schedule_changed = False, {}, lambda: False
    scheduler._last_full_sync = datetime.now()  # noqa: DTZ005 - as the library compares it
    scheduler.update_from_dict(entries)

    assert str(PeriodicTask.objects.get(name="nightly-evaluation").crontab.timezone) == settings.TIME_ZONE
    edited = PeriodicTask.objects.get(name="outbox-relay")
    assert (edited.enabled, edited.task) == (False, "edited")

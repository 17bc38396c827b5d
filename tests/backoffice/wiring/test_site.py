"""The admin site: the page of roles, the foundation's lists, and the header that limits scripts."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from backoffice.access.roles import Role
from backoffice.audit.models import AuditEntry
from backoffice.audit.services import record


@pytest.fixture(autouse=True)
def _no_old_badges():
    cache.clear()


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


def test_content_security_policy_stands_on_every_page(client, officer):
    client.force_login(officer)

    policy = client.get(reverse("admin:index"))["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "<script>" not in client.get(reverse("admin:index")).content.decode()

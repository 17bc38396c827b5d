"""Buttons of a record's page: who may press them, what a refusal and a success look like, and when they were pressed."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import RequestFactory
from django.urls import reverse

from backoffice.access.credentials import LONGEST_WAIT, request_password
from backoffice.access.models import CredentialRequest
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput
from backoffice.core.pages.buttons import ButtonForm, Press, ReasonForm, button, day_input, moment_input, to_page
from cases.models import Case, PolicyVersion
from tests.factories.casework import make_case
from tests.factories.policy import make_version
from tests.factories.portfolio import make_account, make_borrower

SUBMIT = {"_form_submitted": "on"}


@pytest.fixture
def request_to_confirm(approver, administrator, at):
    return request_password(
        user=approver, password="another long password", reason="forgotten", actor=administrator, at=at
    )


@pytest.fixture
def second(person):
    return person("ADMINISTRATOR", name="second")


@pytest.fixture(autouse=True)
def _still_clock(at):
    with time_machine.travel(at, tick=False):
        yield


def confirm(record):
    return reverse("admin:access_credentialrequest_confirm", args=[record.pk])


def state(record):
    return CredentialRequest.objects.get(pk=record.pk).state


def test_get_shows_the_dialog_and_changes_nothing(client, second, request_to_confirm):
    client.force_login(second)
    entries = AuditEntry.objects.count()

    answer = client.get(confirm(request_to_confirm))

    assert (answer.status_code, state(request_to_confirm), AuditEntry.objects.count()) == (200, "PENDING", entries)
    assert answer.templates[0].name == "unfold/helpers/dialog.html"


def test_a_press_without_the_permission_is_403_and_without_sight_404(client, auditor, officer, request_to_confirm):
    for user, status in ((auditor, 403), (officer, 404)):
        client.force_login(user)
        assert client.post(confirm(request_to_confirm), SUBMIT).status_code == status
    client.force_login(auditor)
    gone = reverse("admin:access_credentialrequest_confirm", args=[987_654_321])

    assert client.post(gone, SUBMIT).status_code == 404
    assert state(request_to_confirm) == "PENDING"


def test_a_success_leads_back_to_the_record_with_words(client, second, at, request_to_confirm):
    client.force_login(second)
    client.cookies["django_language"] = "en"

    answer = client.post(confirm(request_to_confirm), SUBMIT)

    page = reverse("admin:access_credentialrequest_change", args=[request_to_confirm.pk])
    assert (answer.status_code, answer.url) == (302, page)
    assert len(list(get_messages(answer.wsgi_request))) == 1
    decided = CredentialRequest.objects.get()
    assert (decided.state, decided.decided_by, decided.decided_at) == ("CONFIRMED", second, at)


def test_a_dialog_is_led_on_by_its_own_header(client, second, request_to_confirm):
    client.force_login(second)

    answer = client.post(confirm(request_to_confirm), SUBMIT, headers={"HX-Request": "true"})

    page = reverse("admin:access_credentialrequest_change", args=[request_to_confirm.pk])
    assert (answer.status_code, answer["HX-Redirect"], "Location" in answer) == (200, page, False)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "You proposed this yourself; another person must approve it."),
        ("zh-hans", "此项由您本人提出，须由他人审批。"),
    ],
)
def test_a_refusal_stands_in_the_dialog_in_the_readers_language(
    client, administrator, request_to_confirm, language, words
):
    client.force_login(administrator)
    client.cookies["django_language"] = language

    answer = client.post(confirm(request_to_confirm), SUBMIT)

    assert answer.status_code == 200
    assert f'<p role="alert" class="text-red-700 dark:text-red-400">{words}</p>' in answer.content.decode()
    assert state(request_to_confirm) == "PENDING"


def test_the_time_of_a_press_is_that_of_the_clock(client, second, at, request_to_confirm):
    with time_machine.travel(at + LONGEST_WAIT + timedelta(microseconds=1), tick=False):
        client.force_login(second)
        late = client.post(confirm(request_to_confirm), SUBMIT)

    assert (late.status_code, state(request_to_confirm)) == (200, "PENDING")


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, 0, 0, tzinfo=UTC), date(2026, 3, 3)),
    ],
)
def test_the_business_day_of_a_press_is_the_one_in_the_office(at, day):
    assert Press(request=None, record=None, actor=None, at=at, values={}).business_date == day


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 403), ({"all_territories": True}, 302)],
)
def test_a_button_for_everything_is_closed_to_people_of_one_territory(client, person, shanghai, fields, status):
    version = make_version(state="APPROVED")
    client.force_login(person("APPROVER", **fields))
    version.proposed_by = person("RISK_MANAGER")
    version.save(update_fields=["proposed_by"])
    page = client.get(reverse("admin:cases_policyversion_change", args=[version.pk])).content.decode()
    where = reverse("admin:cases_policyversion_retire", args=[version.pk])

    assert (where in page) is (status == 302)
    assert client.post(where, SUBMIT | {"reason": "no longer used"}).status_code == status
    assert PolicyVersion.objects.get().state == ("APPROVED" if status == 403 else "RETIRED")


def refuse(*, field):
    """Return a button that refuses what it is given, naming `field`."""

    class Page:
        @button(label="Hold", permission="cases.work_case", form=ReasonForm)
        def hold(self, press):
            raise InvalidInput("<b>Not now.</b>", field=field)

        def get_object(self, request, object_id):
            return Case.objects.get(pk=object_id)

    return Page().hold


@pytest.mark.parametrize(("field", "key"), [("reason", "reason"), ("", "__all__"), ("unknown", "__all__")])
def test_a_refusal_stands_at_its_field_or_above_the_form_as_text(rf, officer, shanghai, field, key):
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)))
    request = rf.post("/", SUBMIT | {"reason": "in hospital"})
    request.user = officer

    html = refuse(field=field)(request, case.pk).content.decode()

    assert "&lt;b&gt;Not now.&lt;/b&gt;" in html
    assert "<b>Not now.</b>" not in html
    assert ('role="alert"' in html) is (key == "__all__")
    # What was typed is still there.
    assert "in hospital" in html


@pytest.mark.parametrize(
    ("reason", "fits"), [("", False), ("   ", False), ("x", True), ("x" * 300, True), ("x" * 301, False)]
)
def test_a_reason_is_asked_for_and_is_short(rf, reason, fits):
    form = ReasonForm(request=rf.post("/"), object_id=1, data=SUBMIT | {"reason": reason}, record=None)

    assert form.is_valid() is fits


def test_a_form_that_was_not_sent_is_not_carried_out(rf):
    assert not ButtonForm(request=rf.get("/"), object_id=1, data=None, record=None).is_valid()


def test_pickers_show_the_day_and_the_moment_as_the_browser_sends_them():
    assert 'value="2026-03-02"' in day_input().render("day", date(2026, 3, 2))
    assert 'value="2026-03-02T10:00"' in moment_input().render("at", datetime(2026, 3, 2, 10, 0, 17, 482_913))
    assert (
        'type="date"' in day_input().render("day", None),
        'type="datetime-local"' in moment_input().render("at", None),
    ) == (
        True,
        True,
    )


def test_the_way_on_is_a_header_for_dialogs_and_an_address_for_forms():
    dialog = to_page(RequestFactory().post("/", headers={"HX-Request": "true"}), "/admin/")
    form = to_page(RequestFactory().post("/"), "/admin/")

    assert (dialog.status_code, dialog["HX-Redirect"]) == (200, "/admin/")
    assert (form.status_code, form["Location"]) == (302, "/admin/")

"""The answers to requests that fail."""

import time
from threading import Event, Thread

import pytest
from django.conf import settings as house
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from psycopg.errors import LockNotAvailable

from backoffice.core.outage import RowsInUse
from backoffice.wiring import error_pages
from cases.models import BorrowerFlag
from cases.services.people.locks import lock_people
from tests.factories.visits import make_case


@pytest.fixture
def _database_away(django_db_setup, django_db_blocker, monkeypatch):
    """Let Django's own connection look for PostgreSQL where nobody listens."""
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", "127.0.0.1")
    with django_db_blocker.unblock():
        yield
    connections["default"].close()


def test_not_found_is_json_under_the_api_and_a_page_elsewhere(client):
    api = client.get("/api/v1/nothing-here/", headers={"Accept-Language": "en"})
    page = client.get("/nothing-here/", headers={"Accept-Language": "en"})

    assert api.json() == {
        "type": "client_error",
        "errors": [{"code": "not_found", "detail": "There is no such page, or it is not yours to see.", "attr": None}],
    }
    assert (api.status_code, page.status_code) == (404, 404)
    assert page["Content-Type"].startswith("text/html")
    assert 'lang="en"' in page.content.decode()


def test_a_page_whose_rows_are_in_use_may_be_asked_for_again(rf):
    try:
        raise OperationalError from LockNotAvailable()  # noqa: TRY301
    except OperationalError:
        page = error_pages.broken(rf.get("/admin/"))

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert str(RowsInUse()) in page.content.decode()


def test_broken_page_needs_no_database_and_names_no_error(rf):
    page = error_pages.broken(rf.get("/admin/"))
    api = error_pages.broken(rf.get("/api/v1/cases/"))

    assert (page.status_code, api.status_code) == (500, 500)
    assert b'"type": "server_error"' in api.content


@pytest.mark.django_db(transaction=True)
def test_a_button_whose_rows_somebody_else_holds_says_so_and_saves_nothing(shanghai, officer):
    case = make_case(territory=shanghai)
    client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
    client.force_login(officer)
    held, done = Event(), Event()

    def hold():
        with transaction.atomic():
            lock_people(borrowers=[case.borrower_id])
            held.set()
            done.wait(timeout=30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    held.wait(timeout=30)
    try:
        values = {"_form_submitted": "on", "kind": "DISPUTED", "source": "CALL"}
        answer = client.post(reverse("admin:cases_case_set_flag", args=[case.pk]), values)
    finally:
        done.set()
        thread.join()

    # The dialog stays open, with the words in it.
    assert answer.context["form"].non_field_errors() == [str(RowsInUse())]
    assert BorrowerFlag.objects.count() == 0


@pytest.mark.usefixtures("_database_away")
@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/admin/", {}),
        ("/admin/cases/case/", {}),
        ("/api/v1/cases/", {}),
        ("/api/v1/cases/", {"Authorization": "Bearer some-token"}),
        ("/api/schema/", {}),
        ("/v/some-code", {}),
    ],
)
def test_without_a_database_each_door_answers_503_at_once(address, headers):
    client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
    client.cookies[house.SESSION_COOKIE_NAME] = "a" * 32
    began = time.monotonic()

    answer = client.get(address, headers=headers)

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    text = "The database cannot be reached. Nothing was half saved; try again in a moment."
    if address.startswith("/api/"):
        error = {"code": "database_away", "detail": text, "attr": None}
        assert answer.json() == {"type": "server_error", "errors": [error]}
    else:
        assert text in answer.content.decode()
    assert time.monotonic() - began < 3

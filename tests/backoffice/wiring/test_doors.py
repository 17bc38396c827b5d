"""The doors for machines that watch the house, and the pages of errors."""

import pytest
from django.db import connections

from backoffice.wiring import doors


def test_healthz_answers_without_the_database(client):
    # No database mark: a query would fail the test.
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_says_that_every_part_is_ready(client):
    answer = client.get("/readyz")

    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "broker": "ok", "migrations": "ok"}}
    assert answer.status_code == 200


@pytest.mark.django_db
def test_readyz_names_a_broker_that_is_away(client, settings):
    settings.BROKER_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "broker": "failed", "migrations": "ok"}


@pytest.mark.django_db
def test_readyz_names_a_database_that_is_away(client, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", "there_is_no_such_database")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "failed", "broker": "ok", "migrations": "failed"}
    assert "there_is_no_such_database" not in answer.content.decode()


@pytest.mark.django_db
def test_readyz_notices_a_migration_that_is_missing(client, monkeypatch):
    monkeypatch.setattr(doors, "_latest_migrations", lambda: {("cases", "9999_of_tomorrow")})

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "failed")


def test_metrics_answer_this_machine_only(client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def test_metrics_ask_for_the_token_where_one_is_set(client, settings):
    settings.METRICS_TOKEN = "a token of the installation"

    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    given = {"Authorization": "Bearer a token of the installation"}
    assert client.get("/metrics", headers=given, REMOTE_ADDR="203.0.113.9").status_code == 200


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


def test_broken_page_needs_no_database_and_names_no_error(rf):
    page = doors.broken(rf.get("/admin/"))
    api = doors.broken(rf.get("/api/v1/cases/"))

    assert (page.status_code, api.status_code) == (500, 500)
    assert b'"type": "server_error"' in api.content

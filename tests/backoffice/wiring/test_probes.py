"""The doors for programs that watch an installation."""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from backoffice.wiring import probes
from backoffice.wiring.models import ProcessSign
from backoffice.wiring.signs import give_sign
from cases.models import SourceFreshness

PAGES_OK = {"database": "ok", "migrations": "ok"}


def sign_seconds_ago(process, seconds):
    ProcessSign.objects.update_or_create(process=process, defaults={"seen_at": Now() - timedelta(seconds=seconds)})


def test_healthz_answers_without_the_database(client):
    # No database mark: a query would fail the test.
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["doorstep.example"])
def test_probes_answer_over_http_and_by_address_where_pages_redirect(client):
    answers = {path: client.get(path, headers={"Host": "10.1.2.3"}).status_code for path in ("/healthz", "/readyz")}

    assert answers == {"/healthz": 200, "/readyz": 200}
    assert client.get("/admin/", headers={"Host": "doorstep.example"}).status_code == 301
    assert client.get("/admin/", headers={"Host": "10.1.2.3"}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_take_no_other_method(client, path):
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_readyz_says_that_pages_can_be_served(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": PAGES_OK})


@pytest.mark.django_db
def test_pages_are_ready_without_broker_worker_and_beat(client, settings):
    settings.BROKER_URL = "redis://127.0.0.1:1/0"

    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_names_a_database_that_is_away(client, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", "there_is_no_such_database")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "failed", "migrations": "failed"}
    assert "there_is_no_such_database" not in answer.content.decode()


@pytest.mark.django_db
def test_readyz_notices_a_migration_that_is_missing(client, monkeypatch):
    monkeypatch.setattr(probes, "_latest_migrations", lambda: {("cases", "9999_of_tomorrow")})

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]) == (503, PAGES_OK | {"migrations": "failed"})


@pytest.mark.django_db(transaction=True)
def test_the_full_answer_names_a_frozen_worker_and_the_seconds_since_its_sign(client):
    give_sign(process="beat")
    sign_seconds_ago("worker", 95)

    answer = client.get("/readyz?full=1")

    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    checks = answer.json()["checks"]
    # Seconds pass between the sign and the answer on a loaded machine.
    worker = re.fullmatch(r"no sign for (\d+) s", checks.pop("worker"))
    assert checks == PAGES_OK | {"broker": "ok", "beat": "ok"}
    assert 95 <= int(worker[1]) <= 125


@pytest.mark.django_db(transaction=True)
def test_the_full_answer_is_200_while_every_process_gives_signs(client):
    give_sign(process="worker")
    give_sign(process="beat")

    answer = client.get("/readyz?full=1")

    assert answer.status_code == 200
    assert answer.json()["checks"] == PAGES_OK | {"broker": "ok", "worker": "ok", "beat": "ok"}


@pytest.mark.django_db(transaction=True)
def test_the_full_answer_names_a_broker_that_is_away_and_processes_that_never_started(client, settings):
    settings.BROKER_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/readyz?full=1")

    assert answer.status_code == 503
    states = {"broker": "failed", "worker": "no sign yet", "beat": "no sign yet"}
    assert answer.json()["checks"] == PAGES_OK | states


def test_the_full_answer_does_not_guess_without_a_database(client, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", "there_is_no_such_database")

    checks = client.get("/readyz?full=1").json()["checks"]

    assert checks == {
        "database": "failed",
        "migrations": "failed",
        "broker": "ok",
        "worker": "unknown",
        "beat": "unknown",
    }


@pytest.mark.django_db(transaction=True)
def test_metrics_count_the_seconds_since_each_sign(client):
    sign_seconds_ago("worker", 95)

    page = client.get("/metrics").content.decode()

    samples = re.findall(r'^doorstep_process_sign_age_seconds\{process="(\w+)"\} (\d+)', page, re.MULTILINE)
    ((process, seconds),) = samples
    assert process == "worker"
    assert 95 <= int(seconds) <= 125


@pytest.mark.django_db(transaction=True)
def test_metrics_tell_the_age_of_each_source_s_figures_and_readyz_does_not_mind(client):
    today = timezone.localdate()
    for source, days, accounts in (("core", 9, 5), ("branch", 0, None), ("ahead", -1, 5), ("empty", 30, 0)):
        SourceFreshness.objects.create(
            source=source,
            newest_as_of=today - timedelta(days=days),
            open_count=accounts,
            overdue_count=accounts,
            updated_at=timezone.now(),
        )

    page = client.get("/metrics").content.decode()

    samples = re.findall(r'^doorstep_figures_age_days\{source="(\w+)"\} (\d+)', page, re.MULTILINE)
    assert samples == [("ahead", "0"), ("branch", "0"), ("core", "9")]
    assert client.get("/readyz").json()["checks"] == PAGES_OK


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

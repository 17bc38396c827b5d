"""How long a session lasts."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

IDLE, LONGEST = 30 * 60, 12 * 3600
pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, officer, settings):
    settings.SESSION_COOKIE_AGE, settings.SESSION_LONGEST_SECONDS = IDLE, LONGEST
    client.force_login(officer)
    return client


def opens(client, **headers):
    """Return whether the page of roles opens, which leads to the sign-in without a session."""
    return client.get(reverse("admin:roles"), headers=headers).status_code == 200


def after(seconds):
    """Move the clock to `seconds` after now."""
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


def test_the_house_ends_a_session_after_half_an_hour_and_after_twelve_hours(settings):
    assert (settings.SESSION_COOKIE_AGE, settings.SESSION_LONGEST_SECONDS) == (IDLE, LONGEST)


def test_a_session_without_requests_ends_after_the_idle_time(signed_in):
    with after(IDLE - 10):
        assert opens(signed_in)
    with after(2 * IDLE):
        assert not opens(signed_in)


def test_each_request_moves_the_end_of_the_session(signed_in):
    for minutes in range(20, 200, 20):
        with after(minutes * 60):
            assert opens(signed_in), minutes


def test_no_use_keeps_a_session_beyond_the_longest_time(signed_in):
    for minutes in range(20, 720, 20):
        with after(minutes * 60):
            assert opens(signed_in), minutes
    with after(LONGEST + 10):
        assert not opens(signed_in)


def test_a_page_that_refreshes_itself_does_not_keep_the_session(signed_in):
    with after(IDLE - 60):
        assert opens(signed_in, Accept="application/json")
    with after(IDLE + 60):
        assert not opens(signed_in)


def test_most_requests_write_no_session(signed_in):
    ends = Session.objects.get().expire_date
    with after(50):
        assert opens(signed_in)
    assert Session.objects.get().expire_date == ends

    with after(70):
        assert opens(signed_in)
    assert Session.objects.get().expire_date > ends


def test_the_cookie_ends_with_the_session(signed_in):
    with after(120):
        answer = signed_in.get(reverse("admin:roles"))
    assert answer.cookies["sessionid"]["max-age"] == IDLE

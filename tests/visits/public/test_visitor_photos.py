"""The photographs on the page of a letter: those of the two who will come, and only while the letter is genuine."""

import hashlib
import io
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from PIL import Image

from backoffice.core.sealed.kept_files import keep
from tests.factories.visits import AT, VISIT_AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import CrewMember, VisitOrder
from visits.public.letter_limits import PHOTOS
from visits.services.agencies.placement import recall_placement

RED, BLUE = (200, 20, 20), (20, 20, 200)


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    pair = photographed(make_member(agency=agency), RED), photographed(make_member(agency=agency), BLUE)
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


def photographed(member, colour):
    """Keep a photograph of one colour as the member's."""
    drawn = io.BytesIO()
    Image.new("RGB", (320, 400), colour).save(drawn, "JPEG")
    content = drawn.getvalue()
    member.photo_sha256 = hashlib.sha256(content).hexdigest()
    member.photo_name = keep(name=f"crew/{member.photo_sha256}.jpg", content=content)
    member.save()
    return member


def ask(client, address, at=VISIT_AT):
    with time_machine.travel(at, tick=False):
        return client.get(address)


def test_the_page_shows_who_will_come_each_by_their_own_photograph(client, order):
    page = ask(client, f"/v/{order.letter_code}").content.decode()
    shown = [ask(client, f"/v/{order.letter_code}/{number}.jpg") for number in (1, 2)]

    assert [f'src="/v/{order.letter_code}/{number}.jpg"' in page for number in (1, 2)] == [True, True]
    assert [(answer.status_code, answer["Content-Type"]) for answer in shown] == [(200, "image/jpeg")] * 2
    assert all("no-store" in answer["Cache-Control"] for answer in shown)
    colours = [Image.open(io.BytesIO(answer.content)).getpixel((10, 10)) for answer in shown]
    assert [max(range(3), key=lambda part: colour[part]) for colour in colours] == [0, 2]


def test_a_visitor_without_a_photograph_is_shown_by_the_badge_alone(client, order):
    CrewMember.objects.filter(pk=order.second_id).update(photo_name="", photo_sha256="")

    page = ask(client, f"/v/{order.letter_code}").content.decode()

    assert "1.jpg" in page
    assert "2.jpg" not in page
    assert order.second.external_ref in page
    assert ask(client, f"/v/{order.letter_code}/2.jpg").status_code == 404


@pytest.mark.parametrize("number", ["0", "3", "99999999999"])
def test_there_are_two_visitors(client, order, number):
    assert ask(client, f"/v/{order.letter_code}/{number}.jpg").status_code == 404


def test_a_letter_that_is_not_genuine_shows_nobody(client, order):
    address = f"/v/{order.letter_code}/1.jpg"

    assert ask(client, "/v/another-code/1.jpg").status_code == 404
    assert ask(client, address, at=AT - timedelta(microseconds=1)).status_code == 404
    assert ask(client, address).status_code == 200
    VisitOrder.objects.update(state="REPORTED")
    assert ask(client, address).status_code == 404


def test_a_recalled_placement_takes_the_photographs_away_at_once(client, order):
    with time_machine.travel(VISIT_AT, tick=False):
        recall_placement(
            placement=order.placement, reason="complaint", actor=None, at=VISIT_AT, business_date=VISIT_AT.date()
        )

    assert ask(client, f"/v/{order.letter_code}/1.jpg").status_code == 404


def test_an_altered_photograph_is_not_shown(client, order):
    CrewMember.objects.filter(pk=order.lead_id).update(photo_sha256="0" * 64)

    assert ask(client, f"/v/{order.letter_code}/1.jpg").status_code == 404


def test_who_asks_for_photographs_too_often_is_turned_away_and_may_still_read_the_letter(client, order):
    address = f"/v/{order.letter_code}/1.jpg"
    answers = [ask(client, address).status_code for _each in range(PHOTOS.most + 1)]

    assert answers == [200] * PHOTOS.most + [429]
    assert ask(client, f"/v/{order.letter_code}").status_code == 200

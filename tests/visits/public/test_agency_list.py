"""The public list of agencies: what it says, and what it does not."""

import pytest
import time_machine
from django.core.cache import cache

from tests.factories.visits import VISIT_AT, make_agency, make_case, make_member, make_order, make_placement


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


def the_list(client, language="en", **headers):
    with time_machine.travel(VISIT_AT, tick=False):
        return client.get("/agencies/", headers={"accept-language": language} | headers)


def test_the_published_list_speaks_the_readers_language(client, order, settings):
    agency = order.placement.agency
    english, chinese = the_list(client), the_list(client, "zh-hans")

    for page, words in ((english, "Complaints telephone"), (chinese, "投诉电话")):
        text = page.content.decode()
        assert page.status_code == 200
        for shown in (words, agency.name, agency.complaints_phone, "2025-09-01 – 2027-08-31", settings.LENDER_NAME):
            assert shown in text
        for secret in (
            agency.code,
            agency.registration,
            agency.contract_number,
            order.lead.external_ref,
            str(order.case),
        ):
            assert secret not in text
        assert (page["Cache-Control"], page.cookies) == ("no-store", {})


def test_a_suspended_agency_leaves_the_list_at_once(client, order):
    type(order.placement.agency).objects.update(state="SUSPENDED")

    assert order.placement.agency.name not in the_list(client).content.decode()


def test_the_published_list_has_a_limit_and_takes_no_post(client, db):
    assert client.post("/agencies/").status_code == 405
    answers = [the_list(client).status_code for _n in range(31)]

    assert answers == [200] * 30 + [429]

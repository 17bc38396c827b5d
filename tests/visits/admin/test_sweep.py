"""The list of what the sweep passed over, as a dispatcher of one territory sees it."""

from datetime import timedelta

import pytest

from tests.factories.visits import AT, TODAY, make_agency, make_coordinator
from visits.models import SweepLine

LIST = "/admin/visits/sweepline/"


@pytest.fixture
def lines(shanghai, chengdu):
    for territory, reason, cases, days in (
        (shanghai, "NO_AGENCY", 41, 0),
        (shanghai, "LAST_RESORT", 7, 1),
        (chengdu, "SHARE_CAP", 5, 0),
    ):
        SweepLine.objects.create(
            territory=territory,
            business_date=TODAY - timedelta(days=days),
            reason=reason,
            cases=cases,
            updated_at=AT,
        )


def test_a_dispatcher_sees_the_lines_of_their_territories_the_newest_first(client, dispatcher, lines):
    client.force_login(dispatcher)

    page = client.get(LIST, headers={"accept-language": "en"})

    assert page.status_code == 200
    shown = [(line.reason, line.cases) for line in page.context["cl"].result_list]
    assert shown == [("NO_AGENCY", 41), ("LAST_RESORT", 7)]
    assert "add capacity" in page.content.decode()
    assert [line.reason for line in client.get(f"{LIST}?reason__exact=LAST_RESORT").context["cl"].result_list] == [
        "LAST_RESORT"
    ]


def test_an_outside_firm_does_not_see_them(client, shanghai, lines):
    client.force_login(make_coordinator(agency=make_agency(territory=shanghai)))

    assert client.get(LIST).status_code == 403

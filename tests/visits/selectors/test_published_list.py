"""The published list: who may visit today, and nothing that a borrower need not know."""

from datetime import date, timedelta

import pytest

from tests.factories.visits import TODAY, make_agency
from visits.models import AgencyTerritory
from visits.selectors.published_list import PublishedAgency, published_agencies


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, True),
        ({"state": "RESTRICTED"}, True),
        ({"state": "APPLICANT", "admitted_on": None}, False),
        ({"state": "SUSPENDED"}, False),
        ({"state": "EXITED"}, False),
        ({"contract_ends_on": TODAY}, True),
        ({"contract_ends_on": TODAY - timedelta(days=1)}, False),
        ({"papers_until": TODAY}, True),
        ({"papers_until": TODAY - timedelta(days=1)}, False),
        ({"papers_until": None}, False),
    ],
)
def test_only_agencies_that_may_visit_are_listed(fields, shown, shanghai):
    make_agency(territory=shanghai, **fields)

    assert bool(published_agencies(business_date=TODAY)) is shown


@pytest.mark.parametrize("number", [1, 3])
def test_an_agency_is_listed_with_term_and_territories(number, shanghai, chengdu, django_assert_num_queries):
    for n in range(number):
        agency = make_agency(territory=shanghai, name=f"机构{n}", complaints_phone="021-1")
        AgencyTerritory.objects.create(agency=agency, territory=chengdu, capacity=0)

    with django_assert_num_queries(3):
        found = published_agencies(business_date=TODAY)

    assert found == tuple(
        PublishedAgency(
            name=f"机构{n}",
            complaints_phone="021-1",
            contract_starts_on=date(2025, 9, 1),
            contract_ends_on=date(2027, 8, 31),
            territories=(str(shanghai),),
        )
        for n in range(number)
    )

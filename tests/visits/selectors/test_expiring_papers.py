"""Papers that end within 30 days and have no successor."""

from datetime import timedelta

import pytest

from tests.factories.visits import AT, TODAY, clerk, make_agency, make_coordinator, second_clerk
from visits.models import AgencyCredential
from visits.selectors.expiring_papers import expiring_papers


@pytest.fixture
def paper(shanghai):
    agency = make_agency(territory=shanghai)

    def make(kind, days, of=agency, state="CONFIRMED"):
        return AgencyCredential.objects.create(
            agency=of,
            kind=kind,
            number="1",
            issuer="x",
            valid_from=TODAY - timedelta(days=400),
            valid_until=TODAY + timedelta(days=days),
            state=state,
            entered_by=clerk(),
            confirmed_by=second_clerk() if state == "CONFIRMED" else None,
            created_at=AT,
            updated_at=AT,
        )

    make.agency = agency
    return make


def found(user):
    return [each.kind for each in expiring_papers(user=user, business_date=TODAY).order_by("kind")]


@pytest.mark.parametrize(("days", "shown"), [(31, []), (30, ["ISO_27001"]), (0, ["ISO_27001"]), (-5, ["ISO_27001"])])
def test_a_paper_is_listed_from_thirty_days_before_its_end(days, shown, paper, dispatcher):
    paper("ISO_27001", days)

    assert found(dispatcher) == shown


def test_a_paper_with_a_confirmed_successor_is_not_listed(paper, dispatcher):
    for kind in ("BUSINESS_LICENCE", "ISO_27001", "LIABILITY_INSURANCE"):
        paper(kind, 5)
    paper("BUSINESS_LICENCE", 300)
    paper("MLPS_3", 300)
    paper("LIABILITY_INSURANCE", 300, state="ENTERED")

    assert found(dispatcher) == ["LIABILITY_INSURANCE"]


def test_agencies_that_left_and_people_outside_are_not_told(paper, shanghai, dispatcher):
    paper("ISO_27001", 5, of=make_agency(territory=shanghai, state="EXITED"))
    paper("ISO_27001", 5)

    assert len(found(dispatcher)) == 1
    assert found(make_coordinator(agency=paper.agency)) == ["ISO_27001"]
    assert found(make_coordinator(agency=make_agency(territory=shanghai))) == []

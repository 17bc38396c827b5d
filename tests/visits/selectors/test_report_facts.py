"""What the rules look at in a report: the stay, the ways between visits, positions that repeat; with few queries."""

from datetime import timedelta

import pytest

from backoffice.core.sealed.sealing import keyed_digest
from tests.factories.evidence import make_reported
from tests.factories.visits import HOME, SENT_AT, VISIT_AT, make_case, make_placement
from visits.models import CheckIn, Evidence, VisitReport
from visits.rules.report.trust_level import PhotoTrust
from visits.selectors.report_facts import photo_trust, report_facts, signals_of


@pytest.fixture
def visit(shanghai, agency, approver, pair):
    """Return a function that makes the report of a visit of the pair to another borrower, `minutes` after VISIT_AT."""

    def make(*, minutes=0, place=HOME):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        report = make_reported(case=case, placement=placement, approver=approver, pair=pair)
        address = report.order.address
        address.point = f"{place[0]},{place[1]}"
        address.save()
        for each in CheckIn.objects.filter(order=report.order):
            each.happened_at += timedelta(minutes=minutes)
            each.point = f"{place[0]:.6f},{place[1]:.6f}"
            each.place_digest = keyed_digest(text=f"{place[0]:.5f},{place[1]:.5f}", kind="checkin.place")
            each.save()
        return VisitReport.objects.select_related("order__case").get(pk=report.pk)

    return make


def facts(report):
    return report_facts(report=report, photos=[])


def test_the_stay_runs_from_the_last_check_in_to_the_last_check_out(visit):
    found = facts(visit())

    assert (found.opened_at, found.left_at) == (VISIT_AT + timedelta(minutes=1), VISIT_AT + timedelta(minutes=30))
    assert (found.submitted_at, found.journeys, found.same_place_addresses) == (SENT_AT, (), 0)


def test_the_ways_to_and_from_the_visit_are_of_one_person_each(visit):
    first = visit()
    second = visit(minutes=60, place=(HOME[0] + 0.5, HOME[1]))

    ways = facts(second).journeys

    assert {way.metres for way in facts(first).journeys} == {way.metres for way in ways}
    assert all(55_000 < way.metres < 56_000 for way in ways)
    # The lead left the first visit after 30 minutes; the companion only checked in, a minute after the lead.
    assert sorted(way.seconds for way in ways) == [30 * 60, 60 * 60]


def test_a_position_counts_by_further_addresses_that_are_apart(visit):
    reports = [visit(minutes=200 * n) for n in range(3)]
    for number, report in enumerate(reports):
        address = report.order.address
        address.point = f"{HOME[0] + number * 0.01},{HOME[1]}"
        address.save()

    assert facts(reports[0]).same_place_addresses == 2


def test_neighbours_of_one_yard_repeat_a_position_honestly(visit):
    reports = [visit(minutes=200 * n) for n in range(3)]

    assert facts(reports[0]).same_place_addresses == 0


def test_a_file_is_seen_with_its_signals():
    evidence = Evidence(trust_score=30, signals=[{"signal": "NO_METADATA", "weight": -20}])

    assert signals_of(evidence) == {"NO_METADATA"}
    assert photo_trust(evidence=evidence) == PhotoTrust(score=30, signals=frozenset({"NO_METADATA"}))


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_are_five_however_many_visits(number, visit, django_assert_num_queries):
    reports = [visit(minutes=90 * n) for n in range(number)]

    with django_assert_num_queries(5):
        facts(reports[0])

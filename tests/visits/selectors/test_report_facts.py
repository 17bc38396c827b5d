"""What the rules look at in a report: the stay, the ways between visits, positions that repeat; with few queries."""

from datetime import timedelta

import pytest

from backoffice.core.sealed.sealing import keyed_digest
from tests.factories.evidence import attach, make_reported
from tests.factories.visits import HOME, SENT_AT, VISIT_AT, make_agency, make_case, make_placement, photo, read_waiting
from visits.models import CheckIn, CrewDevice, Evidence, Placement, VisitReport
from visits.rules.report.trust_level import PhotoTrust
from visits.selectors.report_facts import photo_trust, report_facts, signals_of


@pytest.fixture
def visit(shanghai, agency, approver, pair):
    """Return a function that makes the report of a visit of the pair to another borrower, `minutes` after VISIT_AT."""

    def make(*, minutes=0, place=HOME, contents=()):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        report = make_reported(case=case, placement=placement, approver=approver, pair=pair, contents=contents)
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


def bind(report, member, device):
    """Let the check-ins of a member come from a device."""
    CheckIn.objects.filter(order=report.order, member=member).update(device=device)


def test_the_ways_of_a_telephone_count_where_it_changes_hands(visit, pair):
    first, second = visit(), visit(minutes=60, place=(HOME[0] + 0.5, HOME[1]))
    # The same telephone, taken back from the lead and bound to the companion.
    before, after = (
        CrewDevice.objects.create(member=member, label="P", device_ref="key:1", registered_at=SENT_AT, revoked_at=gone)
        for member, gone in zip(pair, (SENT_AT, None), strict=True)
    )
    bind(first, pair[0], before)
    bind(second, pair[1], after)

    (way,) = facts(second).phone_journeys

    # The lead left after 30 minutes; the companion checked in a minute after the lead, an hour later.
    assert (round(way.metres, -3), way.seconds) == (56_000, 31 * 60)
    assert facts(first).phone_journeys == (way,)
    after.device_ref = "key:2"
    after.save()
    assert facts(second).phone_journeys == ()


@pytest.fixture
def pictured(visit):
    """Return a function that makes a visit at an address with one photograph, taken where the others' were."""

    def make(number, *, metres, taken=HOME):
        content = photo(seed=number, place=taken)
        report = visit(minutes=200 * number, contents=(content,))
        address = report.order.address
        address.point = f"{HOME[0] + metres / 111_195},{HOME[1]}"
        address.save()
        evidence = attach(report, content)
        read_waiting()
        return report, [Evidence.objects.get(pk=evidence.pk)]

    return make


def test_a_position_of_photographs_counts_by_further_addresses_of_the_agency(pictured, shanghai):
    made = [pictured(number, metres=1_000 * number) for number in range(3)]
    report, photos = made[0]

    assert report_facts(report=report, photos=photos).same_photo_place_addresses == 2
    assert report_facts(report=report, photos=[]).same_photo_place_addresses == 0

    other = make_agency(territory=shanghai)
    Placement.objects.filter(orders__reports__in=[made[1][0], made[2][0]]).update(agency=other)
    assert report_facts(report=report, photos=photos).same_photo_place_addresses == 0


def test_many_photographs_of_one_address_hide_no_other(pictured, monkeypatch):
    monkeypatch.setattr("visits.selectors.report_facts.SAME_PLACE_ROWS", 3)
    made = [pictured(number, metres=1_000 * number) for number in range(3)]
    for _number in range(4):
        again = made[1][1][0]
        again.pk, again.external_ref = None, f"E-{_number}"
        again.save()

    assert report_facts(report=made[0][0], photos=made[0][1]).same_photo_place_addresses == 2


def test_a_camera_without_a_fix_repeats_no_position(pictured):
    made = [pictured(number, metres=1_000 * number, taken=(0.0, 0.0)) for number in range(3)]

    assert [bytes(photos[0].place_digest) for _report, photos in made] == [b""] * 3
    assert "POSITION_ZERO" in signals_of(made[0][1][0])
    assert report_facts(report=made[0][0], photos=made[0][1]).same_photo_place_addresses == 0


def test_photographs_of_one_yard_repeat_a_position_honestly(pictured):
    made = [pictured(number, metres=70 * number) for number in range(3)]

    assert report_facts(report=made[0][0], photos=made[0][1]).same_photo_place_addresses == 0


def test_a_file_is_seen_with_its_signals():
    evidence = Evidence(trust_score=30, signals=[{"signal": "NO_METADATA", "weight": -20}])

    assert signals_of(evidence) == {"NO_METADATA"}
    assert photo_trust(evidence=evidence) == PhotoTrust(score=30, signals=frozenset({"NO_METADATA"}))


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_are_five_however_many_visits(number, visit, django_assert_num_queries):
    reports = [visit(minutes=90 * n) for n in range(number)]

    with django_assert_num_queries(5):
        facts(reports[0])

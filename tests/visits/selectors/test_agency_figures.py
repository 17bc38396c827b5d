"""What agencies did by kind of case, and whose act a complaint is about."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import AccountFacts, Complaint
from tests.factories.facts import make_facts
from tests.factories.portfolio import make_overdue
from tests.factories.statements import moment
from tests.factories.visits import AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import CheckIn, Review, VisitReport
from visits.rules.case_mix import Stratum
from visits.rules.scorecard import AgencyCounts
from visits.selectors.agency_figures import agency_figures

TODAY = date(2026, 3, 20)
DAY = date(2026, 3, 4)


@pytest.fixture
def visit(approver: Any, reviewer: Any) -> Any:
    """Return a function that makes one visit of an agency on a day, reported and judged."""
    pairs: dict[int, Any] = {}

    def make(
        agency: Any,
        case: Any,
        *,
        day: date = DAY,
        placement: Any = None,
        verdict: str = "ACCEPTED",
        late: bool = False,
        codes: Any = (),
    ) -> Any:
        pair = pairs.setdefault(agency.pk, (make_member(agency=agency), make_member(agency=agency)))
        at = moment(day)
        placement = placement or make_placement(case=case, agency=agency, placed_on=day, term_ends_on=date(2026, 8, 1))
        order = make_order(
            case=case,
            placement=placement,
            state="VERIFIED",
            approver=approver,
            pair=pair,
            window_start=at,
            window_end=at + timedelta(hours=2),
            planned_arrival_at=at,
        )
        for member in pair:
            CheckIn.objects.create(
                order=order,
                member=member,
                moment="IN",
                external_ref=f"I{order.pk}-{member.pk}",
                device_at=at,
                received_at=at,
                happened_at=at,
            )
        sent = at + timedelta(hours=26, microseconds=1 if late else 0)
        report = VisitReport.objects.create(
            order=order,
            external_ref=f"R{order.pk}",
            findings=["F20"],
            recommendation="CLOSE",
            submitted_at=sent,
            created_at=sent,
            incident_codes=list(codes),
        )
        Review.objects.create(report=report, verdict=verdict, quality_score=90, reviewed_by=reviewer, reviewed_at=sent)
        return order

    return make


def complain(about: Any, day: date, **fields: Any) -> Complaint:
    values = {
        "borrower": about.borrower,
        "case": about,
        "kind": "COMPLAINT",
        "state": "UPHELD",
        "topic": "VISIT_CONDUCT",
        "occurred_on": day,
        "received_at": AT,
        "answer_due_on": TODAY,
        "created_at": AT,
        "updated_at": AT,
    }
    return Complaint.objects.create(**values | fields)


def complaints_of(*agencies: Any) -> list[int]:
    figures = agency_figures(business_date=TODAY)
    return [sum(count.complaints_upheld for count in figures[agency.pk].values()) for agency in agencies]


def test_what_was_done_is_counted_by_kind_of_case(visit: Any, shanghai: Any, chengdu: Any) -> None:
    agency, other = make_agency(territory=shanghai), make_agency(territory=shanghai)
    for days in (90, 91, 181):
        account = make_overdue(territory=shanghai)
        for business_date, overdue in ((DAY - timedelta(days=9), 1), (DAY, days), (DAY + timedelta(days=1), 500)):
            make_facts(account=account, business_date=business_date, days_past_due=overdue)
        visit(agency, make_case(territory=shanghai, account=account), late=days == 91)
    visit(agency, make_case(territory=chengdu, grade="A"), verdict="RETURNED", codes=["STAYED_TOO_LONG"])
    visit(agency, make_case(territory=chengdu, grade="A"), verdict="RED_LINE")
    visit(other, make_case(territory=shanghai))
    make_order(case=make_case(territory=shanghai), placement=None, state="DRAFT", approver=None)

    one: Any = {"visits": 1, "reports": 1, "reports_accepted_first": 1, "reports_on_time": 1}
    assert agency_figures(business_date=TODAY) == {
        agency.pk: {
            Stratum(shanghai.pk, "C", "TO_90"): AgencyCounts(**one),
            Stratum(shanghai.pk, "C", "TO_180"): AgencyCounts(**one | {"reports_on_time": 0}),
            Stratum(shanghai.pk, "C", "OVER_180"): AgencyCounts(**one),
            Stratum(chengdu.pk, "A", "UNKNOWN"): AgencyCounts(
                visits=2, reports=2, reports_on_time=2, conduct_breaches=1, red_lines=1
            ),
        },
        other.pk: {Stratum(shanghai.pk, "C", "UNKNOWN"): AgencyCounts(**one)},
    }


def test_a_year_is_counted_and_no_day_more(visit: Any, shanghai: Any) -> None:
    agency = make_agency(territory=shanghai)
    for back in (364, 365):
        visit(agency, make_case(territory=shanghai), day=TODAY - timedelta(days=back))

    (counts,) = agency_figures(business_date=TODAY)[agency.pk].values()
    assert counts.visits == 1


@pytest.mark.parametrize("agencies", [1, 3])
def test_the_figures_of_one_agency_and_of_three_cost_the_same(
    agencies: int, visit: Any, shanghai: Any, django_assert_num_queries: Any
) -> None:
    for _each in range(agencies):
        case = make_case(territory=shanghai)
        visit(make_agency(territory=shanghai), case)
        complain(case, DAY)

    # visits, complaints, kinds of the cases complained of
    with django_assert_num_queries(3):
        figures = agency_figures(business_date=TODAY)

    assert len(figures) == agencies


@pytest.fixture
def after_each_other(visit: Any, shanghai: Any) -> Any:
    """Return two agencies that held one case after each other: until 10 March, and from then on; each made one visit."""
    first, second = make_agency(territory=shanghai), make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    ended = make_placement(
        case=case,
        agency=first,
        placed_on=date(2026, 3, 2),
        state="RECALLED",
        ended_on=date(2026, 3, 10),
        end_reason="RECALLED",
    )
    visit(first, case, day=date(2026, 3, 4), placement=ended)
    live = make_placement(case=case, agency=second, placed_on=date(2026, 3, 10))
    visit(second, case, day=date(2026, 3, 12), placement=live)
    return case, first, second


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 1), [0, 0]),  # before any agency had the case
        (date(2026, 3, 2), [1, 0]),  # no visit that day: whoever held the case
        (date(2026, 3, 4), [1, 0]),  # the first one's visit
        (date(2026, 3, 9), [1, 0]),
        (date(2026, 3, 10), [0, 1]),  # handed over that day
        (date(2026, 3, 12), [0, 1]),  # the second one's visit
        (date(2026, 3, 20), [0, 1]),
    ],
)
def test_an_agency_answers_for_its_own_days_on_a_case(day: date, expected: list[int], after_each_other: Any) -> None:
    case, first, second = after_each_other
    complain(case, day)

    assert complaints_of(first, second) == expected


def test_a_visit_on_the_day_counts_before_who_holds_the_case(visit: Any, shanghai: Any, after_each_other: Any) -> None:
    case, first, second = after_each_other
    order = first.placements.get().orders.get()
    CheckIn.objects.filter(order=order).update(received_at=moment(date(2026, 3, 10)))
    complain(case, date(2026, 3, 10))

    assert complaints_of(first, second) == [1, 0]


@pytest.mark.parametrize(
    "fields",
    [
        {"topic": "CALL_CONDUCT"},
        {"topic": "AMOUNT"},
        {"topic": "CONDUCT"},
        {"state": "REJECTED"},
        {"state": "RECEIVED"},
        {"occurred_on": TODAY + timedelta(days=1)},
        {"occurred_on": TODAY - timedelta(days=365)},
        {"case": None},
    ],
)
def test_other_complaints_do_not_count(fields: Any, after_each_other: Any) -> None:
    case, first, second = after_each_other
    complain(case, date(2026, 3, 4), **fields)

    assert complaints_of(first, second) == [0, 0]


def test_a_complaint_about_a_kind_of_case_without_a_visit_counts_where_the_agency_made_most(
    visit: Any, shanghai: Any, chengdu: Any
) -> None:
    agency = make_agency(territory=shanghai)
    visit(agency, make_case(territory=shanghai))
    unvisited = make_case(territory=chengdu)
    make_placement(case=unvisited, agency=agency, placed_on=DAY)
    complain(unvisited, DAY)

    assert complaints_of(agency) == [1]
    assert AccountFacts.objects.count() == 0

"""The day desk as a dispatcher uses it: plan, read what was refused and why, move, set a place."""

import json
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from cases.models import Address, BorrowerFlag
from tests.factories.visits import AT, VISIT_AT, make_case, make_letters, make_member, make_order, make_placement
from visits.models import PlanningCrew, PlanningRun, VisitOrder
from visits.services.dispatch.orders import assign_crew
from visits.services.dispatch.planning_worker import work_planning

DESK = reverse("visits_day_desk")
DAY = "2026-03-04"
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def approved(shanghai, agency, approver):
    def make(**fields):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        return make_order(case=case, placement=placement, state="APPROVED", approver=approver, **fields)

    return make


@pytest.fixture
def desk(client, dispatcher):
    """A client of the dispatcher in English, with a function that posts JSON to one of the desk's addresses."""
    client.force_login(dispatcher)

    def post(name, **body):
        answer = client.post(
            reverse(f"visits_day_desk_{name}"),
            json.dumps(body),
            content_type="application/json",
            HTTP_ACCEPT_LANGUAGE="en",
        )
        return answer.status_code, answer.json()

    client.ask = post
    return client


def key(pair):
    return f"{pair[0].pk}-{pair[1].pk}"


def plan_form(shanghai, pair, *orders, **fields):
    return {
        "day": DAY,
        "territory": shanghai.pk,
        "what": "plan",
        "orders": [order.pk for order in orders],
        "crews": [key(pair)],
        "seconds": "10",
        "base": "31.24, 121.48",
    } | fields


def test_a_dispatcher_plans_a_day_and_reads_what_was_not_planned_and_why(desk, approved, pair, shanghai):
    good, disputed = approved(), approved()
    BorrowerFlag.objects.create(borrower=disputed.case.borrower, kind="DISPUTED", source="CALL", set_at=AT)
    page = desk.get(f"{DESK}?day={DAY}&territory={shanghai.pk}", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert str(good) in page
    assert "2 visits to be planned" in page
    assert "黄浦区" in page
    assert "310101" not in page

    answer = desk.post(DESK, plan_form(shanghai, pair, good, disputed))

    run = PlanningRun.objects.get()
    where = reverse("admin:visits_planningrun_change", args=[run.pk])
    assert (answer.status_code, answer.url) == (302, where)
    crew = PlanningCrew.objects.get()
    assert (crew.lead, crew.second, crew.latitude, crew.longitude) == (*pair, 31.24, 121.48)
    live = desk.get(reverse("admin:visits_planningrun_progress", args=[run.pk])).json()
    assert (live["state"], live["live"]) == ("WAITING", True)

    work_planning(run_id=run.pk, at=AT)
    make_letters()

    done = desk.get(where, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "1 visit is not planned" in done
    for words in (str(disputed), "The debt is disputed", "the officer decides", "CONC 7: disputed debt (row 42)"):
        assert words in done, words
    assert "1 / 1" in done
    chinese = desk.get(where, HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert "债务存在争议" in chinese


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"orders": []}, "at least one visit"),
        ({"crews": []}, "at least one pair"),
        ({"base": "somewhere"}, "latitude and longitude"),
        ({"base": "0, 0"}, "latitude and longitude"),
        ({"seconds": "121"}, "120"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_asked_of_a_worker(desk, approved, pair, shanghai, fields, words):
    answer = desk.post(DESK, plan_form(shanghai, pair, approved(), **fields), HTTP_ACCEPT_LANGUAGE="en")

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert PlanningRun.objects.count() == 0


def test_a_stop_is_asked_about_moved_and_shown_where_it_is(desk, approved, pair, agency, dispatcher):
    order = approved()
    ten = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)
    assign_crew(order=order, lead=pair[0], second=pair[1], starts_at=ten, actor=dispatcher, at=AT)
    other = make_member(agency=agency), make_member(agency=agency)
    move = {"order": order.pk, "crew": key(other), "day": DAY}

    status, answer = desk.ask("ask", **move, starts="10:40")
    assert status == 200
    assert (answer["starts"], answer["refusals"], answer["tellsAnew"]) == ("10:40", [], False)
    assert answer["changes"] == [
        {"lead": pair[0].external_ref, "metres": 0, "minutes": -30},
        {"lead": other[0].external_ref, "metres": 0, "minutes": 30},
    ]
    status, answer = desk.ask("ask", **move, starts="08:00")
    assert [(line["what"], line["clause"]) for line in answer["refusals"]] == [
        ("Not wholly within the hours of visits", "House rule, stricter than law (row 2)")
    ]
    status, answer = desk.ask("keep", **move, starts="08:00")
    assert (status, answer["refusals"][0]["remedy"]) == (409, "Choose another hour.")

    status, answer = desk.ask("keep", **move, starts="10:40")
    assert (status, "10:40" in answer["done"]) == (200, True)
    state = desk.get(reverse("visits_day_desk_state"), {"day": DAY}).json()
    assert [(stop["crew"], stop["minute"], stop["number"]) for stop in state["stops"]] == [(key(other), 640, 1)]


def test_a_household_is_one_stop_that_is_joined_and_moved_as_a_whole(desk, approved, pair, agency, dispatcher):
    orders, ten = [approved() for _each in range(3)], datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)
    for order in orders:
        order.address.line = "示范路7号1栋301室"
        order.address.save()
    first, second, late = orders
    for order in (first, second):
        assign_crew(order=order, lead=pair[0], second=pair[1], starts_at=ten, actor=dispatcher, at=AT)
    other = make_member(agency=agency), make_member(agency=agency)

    def stops():
        state = desk.get(reverse("visits_day_desk_state"), {"day": DAY}).json()
        shown = [
            (stop["crew"], stop["minute"], stop["minutes"], stop["people"], [each["order"] for each in stop["orders"]])
            for stop in state["stops"]
        ]
        return shown, [(each["order"], each["joins"]) for each in state["candidates"]]

    assert stops() == (
        [(key(pair), 600, 40, 2, [first.pk, second.pk])],
        [(late.pk, {"crew": key(pair), "minute": 600})],
    )
    assert desk.ask("keep", order=late.pk, crew=key(pair), day=DAY, starts="10:00")[0] == 200
    status, answer = desk.ask("ask", order=second.pk, crew=key(other), day=DAY, starts="10:40")
    assert (status, answer["refusals"], answer["orders"]) == (200, [], 3)
    assert desk.ask("keep", order=second.pk, crew=key(other), day=DAY, starts="10:40")[0] == 200

    assert stops() == ([(key(other), 640, 50, 3, [order.pk for order in orders])], [])


def test_a_place_is_rounded_so_that_no_door_is_shown(desk, approved):
    approved()

    state = desk.get(reverse("visits_day_desk_state"), {"day": DAY}).json()

    assert [each["place"] for each in state["candidates"]] == [[31.23, 121.474]]


def test_an_address_without_a_place_is_shown_once_and_placed(desk, approved):
    order = approved()
    Address.objects.update(point=b"")
    state = desk.get(reverse("visits_day_desk_state"), {"day": DAY}).json()
    assert [each["order"] for each in state["unplaced"]] == [order.pk]

    assert desk.ask("address", order=order.pk) == (200, {"line": order.address.line})
    assert desk.ask("place", order=order.pk, latitude="x", longitude="1")[0] == 400
    assert desk.ask("place", order=order.pk, latitude="0", longitude="0")[0] == 409
    assert desk.ask("place", order=order.pk, latitude="31.2", longitude="121.4")[0] == 200

    assert Address.objects.get().coordinates == (31.2, 121.4)


def test_a_crew_that_cannot_go_is_shared_out(desk, approved, pair, agency, shanghai, dispatcher):
    order = approved()
    assign_crew(order=order, lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=dispatcher, at=AT)
    other = make_member(agency=agency), make_member(agency=agency)

    desk.post(DESK, plan_form(shanghai, other, what="out", out=key(pair)))
    run = PlanningRun.objects.get()
    work_planning(run_id=run.pk, at=AT)

    assert (run.kind, VisitOrder.objects.get().lead) == ("CREW_OUT", other[0])


def test_what_is_not_due_to_be_planned_says_what_it_lacks(desk, shanghai, approver):
    case = make_case(territory=shanghai)
    make_order(case=make_case(territory=shanghai), placement=None, state="APPROVED", approver=approver)
    make_order(case=make_case(territory=shanghai), placement=None, state="DRAFT", approver=None)

    page = desk.get(DESK, HTTP_ACCEPT_LANGUAGE="en").content.decode()

    for words in ("a second person&#x27;s approval", "No agency has the case", "No visit is drafted yet", str(case)):
        assert words in page, words


def test_others_have_no_desk_and_foreign_visits_are_not_found(client, desk, officer, approved, person, pair, chengdu):
    order = approved()
    stranger = person("DISPATCHER", name="stranger", territories=(chengdu,))
    for user, expected in ((officer, 403), (stranger, 404)):
        client.force_login(user)
        for name in ("ask", "keep", "address", "place"):
            body = {"order": order.pk, "crew": key(pair), "day": DAY, "starts": "10:00", "latitude": 1, "longitude": 1}
            answer = client.post(reverse(f"visits_day_desk_{name}"), json.dumps(body), content_type="application/json")
            assert answer.status_code == expected, (user, name)
    assert client.get(f"{DESK}?territory={order.case.territory_id}").status_code == 404
    assert client.get(f"{DESK}?day=2026-02-30").status_code == 404
    client.force_login(officer)
    assert client.get(DESK).status_code == 403
    assert client.get(reverse("visits_day_desk_state")).status_code == 403


@pytest.mark.parametrize("body", ["[]", "{", '{"order": 1}', "null", '{"order": "x"}'])
def test_what_cannot_be_read_is_refused(desk, body):
    answer = desk.post(reverse("visits_day_desk_ask"), body, content_type="application/json")

    assert answer.status_code in (400, 404)


def test_the_home_page_leads_a_dispatcher_to_the_desk(desk, approved):
    approved()

    assert DESK in desk.get(reverse("admin:index")).content.decode()


def test_a_dispatcher_without_a_territory_is_told_so(client, person):
    client.force_login(person("DISPATCHER", name="new", territories=()))

    assert "no territory yet" in client.get(DESK, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_without_a_day_the_desk_shows_tomorrow(desk, shanghai):
    assert desk.get(DESK).context["day"] == date(2026, 3, 2) + timedelta(days=1)


def test_who_cannot_be_visited_on_the_day_is_not_ticked_and_the_reason_is_read(desk, approved, pair, shanghai):
    good, disputed = approved(), approved()
    BorrowerFlag.objects.create(borrower=disputed.case.borrower, kind="DISPUTED", source="CALL", set_at=AT)

    page = desk.get(f"{DESK}?day={DAY}&territory={shanghai.pk}", HTTP_ACCEPT_LANGUAGE="en").content.decode()

    def box(order):
        return re.search(rf'<input type="checkbox" name="orders" value="{order.pk}"[^>]*>', page)[0]

    assert [" checked" in box(order) for order in (good, disputed)] == [True, False]
    assert "1 of them cannot be made on this day" in page
    assert "The debt is disputed" in page
    assert 'id="desk-out"' not in page


def test_a_crew_that_cannot_go_is_chosen_among_those_that_have_visits(desk, approved, pair, shanghai):
    assign_crew(order=approved(), lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=None, at=AT)

    page = desk.get(f"{DESK}?day={DAY}&territory={shanghai.pk}").content.decode()

    assert re.search(rf'id="desk-out"><option value="{key(pair)}">', page)

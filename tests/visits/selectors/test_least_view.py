"""What an outside firm's people see of a visit: the least that it needs."""

import pytest

from tests.factories.visits import make_agency, make_case, make_member, make_order, make_placement
from visits.selectors.least_view import least_view


@pytest.mark.parametrize(
    ("state", "shown"), [("SCHEDULED", False), ("ACCEPTED", True), ("CHECKED_IN", True), ("REPORTED", False)]
)
def test_the_least_view_holds_nothing_of_the_debt(state, shown, shanghai, approver):
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    case = make_case(territory=shanghai)
    order = make_order(
        case=case, placement=make_placement(case=case, agency=agency), state=state, approver=approver, pair=pair
    )

    view = least_view(order=order)

    assert (view.borrower_name, view.address, view.may_see_address) == ("张*三", "上海市黄浦区***", shown)
    assert view.crew_badges == tuple(member.external_ref for member in pair)
    text = str(view)
    for secret in ("张小三", "示范路", "32000", "40000", "99999919850101123X", "31.23"):
        assert secret not in text

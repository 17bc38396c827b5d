"""The address in clear: to those who go there, while they need it, and written down."""

import pytest

from backoffice.audit.models import AccessEntry
from backoffice.core.errors import NotAllowed, StateConflict
from tests.factories.visits import AT, make_order
from visits.enums import VisitState
from visits.models import VisitOrder
from visits.services.orders.address_reveal import reveal_visit_address


@pytest.mark.owner_rights
def test_the_address_shows_from_acceptance_until_the_report_and_is_logged(case, placement, pair, approver):
    for state in VisitState.values:
        VisitOrder.objects.all().delete()
        order = make_order(
            case=case,
            placement=placement,
            state=state,
            approver=approver,
            pair=pair,
            **({"lead": pair[0], "second": pair[1]} if state in ("DRAFT", "APPROVED") else {}),
        )
        if state in ("ACCEPTED", "EN_ROUTE", "CHECKED_IN"):
            shown = reveal_visit_address(order=order, actor=pair[0].user, at=AT)
            assert (shown.line, shown.latitude) == (case.borrower.addresses.get().line, 31.2304)
        else:
            with pytest.raises(StateConflict):
                reveal_visit_address(order=order, actor=pair[0].user, at=AT)

    assert AccessEntry.objects.filter(actor_id=pair[0].user.pk, purpose="VISIT").count() == 3


def test_the_system_reads_no_addresses(case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)

    with pytest.raises(NotAllowed):
        reveal_visit_address(order=order, actor=None, at=AT)

    assert not AccessEntry.objects.exists()

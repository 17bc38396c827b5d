"""The place of an address, set by hand."""

import pytest
from django.db import transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import StateConflict
from cases.models import Address
from cases.services.casework.addresses import place_by_hand
from tests.factories.portfolio import AT, make_address, make_borrower


def place(address, actor, latitude=31.25, longitude=121.475):
    with transaction.atomic():
        return place_by_hand(address_id=address.pk, latitude=latitude, longitude=longitude, actor=actor, at=AT)


def test_an_address_without_a_place_gets_one_with_who_and_when_and_the_trail_holds_no_place(shanghai, dispatcher):
    address = make_address(borrower=make_borrower(territory=shanghai), point="")

    place(address, dispatcher)
    place(address, dispatcher, latitude=31.2612345678)

    address = Address.objects.get()
    assert (address.coordinates, address.placed_by, address.placed_at) == ((31.261235, 121.475), dispatcher, AT)
    assert [entry.body for entry in AuditEntry.objects.filter(action="address.placed")] == [
        {"address": address.external_ref}
    ] * 2


def test_what_the_lender_sent_is_not_changed_by_hand(shanghai, dispatcher):
    address = make_address(borrower=make_borrower(territory=shanghai))

    with pytest.raises(StateConflict):
        place(address, dispatcher)

    assert Address.objects.get().coordinates == (31.2304, 121.4737)

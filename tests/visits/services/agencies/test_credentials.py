"""Papers: one person enters, another confirms; they keep an agency listed to the last day of the shortest."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.sealed.kept_files import is_sealed
from tests.factories.firms import REQUIRED, entered
from tests.factories.visits import AT, TODAY, make_agency, stored
from visits.models import Agency, AgencyCredential
from visits.services.agencies.credentials import (
    FILE_BYTES,
    confirm_credential,
    counted_papers,
    recount_papers,
    withdraw_credential,
)


def confirmed(agency, clerk, confirmer, **fields):
    return confirm_credential(
        credential=entered(agency, actor=clerk, **fields), actor=confirmer, at=AT, business_date=TODAY
    )


def until(agency):
    return Agency.objects.get(pk=agency.pk).papers_until


@pytest.fixture
def bare(shanghai):
    return make_agency(territory=shanghai, papers_until=None)


def test_papers_count_once_confirmed_to_the_shortest_of_them(bare, dispatcher, approver):
    for days, kind in ((300, REQUIRED[0]), (200, REQUIRED[1])):
        confirmed(bare, dispatcher, approver, kind=kind, valid_until=TODAY + timedelta(days=days))
    last = entered(bare, actor=dispatcher, kind="MLPS_3", valid_until=TODAY + timedelta(days=100))
    assert until(bare) is None

    confirm_credential(credential=last, actor=approver, at=AT, business_date=TODAY)

    assert until(bare) == TODAY + timedelta(days=100)
    assert len(counted_papers(agency=bare)) == 3
    withdraw_credential(credential=last, actor=dispatcher, at=AT, business_date=TODAY)
    assert until(bare) is None
    with pytest.raises(StateConflict):
        withdraw_credential(credential=last, actor=dispatcher, at=AT, business_date=TODAY)


def test_nobody_confirms_their_own_paper(bare, dispatcher, approver, risk_manager):
    paper = entered(bare, actor=dispatcher)
    AgencyCredential.objects.filter(pk=paper.pk).update(entered_by=approver)

    with pytest.raises(SelfApproval):
        confirm_credential(credential=paper, actor=approver, at=AT, business_date=TODAY)
    for actor in (dispatcher, None):
        with pytest.raises(NotAllowed):
            confirm_credential(credential=paper, actor=actor, at=AT, business_date=TODAY)
    with pytest.raises(IntegrityError, match="credential_four_eyes"), transaction.atomic():
        AgencyCredential.objects.filter(pk=paper.pk).update(confirmed_by=approver, state="CONFIRMED")
    with pytest.raises(IntegrityError, match="credential_was_confirmed"), transaction.atomic():
        AgencyCredential.objects.filter(pk=paper.pk).update(state="CONFIRMED")

    assert confirm_credential(credential=paper, actor=risk_manager, at=AT, business_date=TODAY).state == "CONFIRMED"


@pytest.mark.parametrize("content", [b"%PDF-1.7 text", b"\xff\xd8\xff...", b"\x89PNG\r\n\x1a\n..."])
def test_a_copy_is_kept_sealed(content, bare, dispatcher):
    paper = entered(bare, actor=dispatcher, content=content)

    assert is_sealed(name=paper.file_name)
    assert stored(paper.file_name) == content


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "PASSPORT"}, "kind"),
        ({"number": " "}, "number"),
        ({"issuer": "x" * 81}, "issuer"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"content": b"MZ"}, "file"),
        ({"content": b"%PDF-" + bytes(FILE_BYTES)}, "file"),
    ],
)
def test_a_wrong_paper_is_refused_at_its_field(fields, field, bare, dispatcher):
    with pytest.raises(InvalidInput) as refused:
        entered(bare, actor=dispatcher, **fields)

    assert (refused.value.field, AgencyCredential.objects.count()) == (field, 0)


def test_people_of_another_territory_enter_and_confirm_nothing(bare, dispatcher, person, chengdu):
    paper = entered(bare, actor=dispatcher)
    far = person("APPROVER", name="far", territories=(chengdu,))

    with pytest.raises(NotAllowed):
        confirm_credential(credential=paper, actor=far, at=AT, business_date=TODAY)
    with pytest.raises(NotAllowed):
        entered(bare, actor=person("DISPATCHER", name="far2", territories=(chengdu,)))

    assert AgencyCredential.objects.get().state == "ENTERED"


def test_a_later_paper_counts_from_its_first_day_after_a_gap(bare, dispatcher, approver):
    for kind in REQUIRED:
        confirmed(bare, dispatcher, approver, kind=kind, valid_until=TODAY + timedelta(days=10))
        confirmed(
            bare,
            dispatcher,
            approver,
            kind=kind,
            valid_from=TODAY + timedelta(days=15),
            valid_until=TODAY + timedelta(days=90),
        )
    assert until(bare) == TODAY + timedelta(days=10)

    changed = [recount_papers(business_date=TODAY + timedelta(days=n), at=AT) for n in (0, 10, 11, 14, 15, 16)]

    assert (changed, until(bare)) == ([0, 0, 1, 0, 1, 0], TODAY + timedelta(days=90))

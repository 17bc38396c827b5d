"""The migration that writes telephones in one form: spellings of one number become one, verdicts and results stay."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backoffice.core.sealed.sealing import _keyed, blind_index, normalised
from cases.models import BorrowerPhone, ContactAttempt
from tests.factories.casework import AT
from tests.factories.portfolio import make_borrower, make_phone

BEFORE = ("cases", "0027_doubtful_cells")


def old_index(text):
    """The index of a telephone as it was before: of the text without spaces and hyphens."""
    return _keyed("phone:")(normalised(text))


def old_phone(borrower, number, **fields):
    phone = make_phone(borrower=borrower, number=number, **fields)
    BorrowerPhone.objects.filter(pk=phone.pk).update(number_index=old_index(number))
    return phone


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_spellings_of_one_number_become_one(shanghai):
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    borrower = make_borrower(territory=shanghai, id_number="110105491231002")
    other = make_borrower(territory=shanghai)
    MigrationExecutor(connection).migrate([BEFORE])
    attempts = MigrationExecutor(connection).loader.project_state([BEFORE]).apps.get_model("cases", "ContactAttempt")
    try:
        old_phone(borrower, "13900000060")
        old_phone(borrower, "+86 139 0000 0060".replace(" ", ""), verdict="INVALID")
        old_phone(borrower, "02155551234801")
        old_phone(other, "13900000060", verdict="VALID")
        for number, owner in (("8613900000060", borrower), ("13900000060", other), ("13911112222", other)):
            attempts.objects.create(
                borrower_id=owner.pk,
                external_ref=f"C-{number}-{owner.pk}",
                channel="VOICE",
                direction="OUTBOUND",
                outcome="NO_SUCH_NUMBER",
                attempted_at=AT - timedelta(days=3),
                number_index=old_index(number),
                created_at=AT,
            )
    finally:
        MigrationExecutor(connection).migrate(leaves)

    phones = [(p.borrower_id, p.number, p.verdict) for p in BorrowerPhone.objects.order_by("borrower", "pk")]
    assert sorted(phones) == sorted(
        [
            (borrower.pk, "+8613900000060", "INVALID"),
            (borrower.pk, "02155551234801", "DOUBTFUL"),
            (other.pk, "+8613900000060", "VALID"),
        ]
    )
    index = blind_index(text="+8613900000060", kind="phone")
    assert [bytes(p.number_index) for p in BorrowerPhone.objects.filter(number_index=index)] == [index, index]
    assert [bytes(c.number_index) for c in ContactAttempt.objects.order_by("pk")] == [
        index,
        index,
        # A number that the borrower does not have: its text is not known, so its index stays.
        old_index("13911112222"),
    ]
    borrower.refresh_from_db()
    assert borrower.id_number == "11010519491231002X"
    assert bytes(borrower.id_number_index) == blind_index(text="11010519491231002X", kind="id_number")

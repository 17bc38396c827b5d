"""Guards that only show when somebody leans on them: choices of a form, and many writers of the trail at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test import RequestFactory

from backoffice.audit.services import record
from backoffice.audit.verifier import ChainVerdict, verify_chain
from cases.models import Borrower, Decision, TriggerHit
from tests.factories.portfolio import make_account, make_borrower

WRITERS, ENTRIES = 4, 8


@pytest.mark.parametrize(("model", "field"), [(Decision, "account"), (TriggerHit, "account"), (Decision, "borrower")])
def test_choices_of_a_related_field_are_what_the_person_may_see(
    shanghai: Any, chengdu: Any, officer: Any, rf: RequestFactory, model: Any, field: str
) -> None:
    own = make_account(borrower=make_borrower(territory=shanghai))
    make_account(borrower=make_borrower(territory=chengdu))
    request = rf.get("/")
    request.user = officer
    related = model._meta.get_field(field)

    choices = admin.site._registry[model].get_field_queryset(None, related, request)

    assert list(choices) == [own.borrower if related.related_model is Borrower else own]


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_one_chain_without_forks(at: Any) -> None:
    start = Barrier(WRITERS)

    def write(writer: int) -> None:
        start.wait(timeout=10)
        try:
            for number in range(ENTRIES):
                with transaction.atomic():
                    record(actor=None, action="test.done", subject=("test", f"{writer}-{number}"), at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))

    assert verify_chain() == ChainVerdict(entries=WRITERS * ENTRIES, ok=True, first_bad=None)

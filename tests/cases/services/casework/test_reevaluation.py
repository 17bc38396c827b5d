"""Marks of borrowers whose evaluation is out of date."""

from datetime import timedelta

import pytest
from django.db import transaction

from cases.models import Borrower, DueEvaluation
from cases.services.casework.reevaluation import mark_for_reevaluation
from tests.factories.casework import AT
from tests.factories.portfolio import make_borrower


def test_mark_for_reevaluation_moves_the_moment_on_each_time(shanghai):
    borrower = make_borrower(territory=shanghai)

    for expected in (AT, AT + timedelta(microseconds=1)):
        assert mark_for_reevaluation(borrowers=(borrower.pk, borrower.pk), at=AT) == 1
        assert DueEvaluation.objects.get().due_at == expected


def test_mark_for_reevaluation_gives_a_failed_borrower_new_attempts(shanghai):
    borrower = make_borrower(territory=shanghai)
    later = AT + timedelta(days=1)
    DueEvaluation.objects.create(borrower=borrower, due_at=later, attempts=3, last_error="x")

    mark_for_reevaluation(borrowers=Borrower.objects.values_list("pk", flat=True), at=AT)

    assert DueEvaluation.objects.values_list("due_at", "attempts", "last_error").get() == (AT, 0, "")


@pytest.mark.django_db(transaction=True)
def test_mark_for_reevaluation_needs_a_transaction():
    with pytest.raises(RuntimeError):
        mark_for_reevaluation(borrowers=(1,), at=AT)
    with transaction.atomic():
        assert mark_for_reevaluation(borrowers=(), at=AT) == 0

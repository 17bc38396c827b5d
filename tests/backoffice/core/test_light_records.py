"""Light records are the records that Django makes, with fewer fields."""

from typing import Any

import pytest

from backoffice.core.light_records import light_records
from cases.models import Account, Case
from tests.factories.portfolio import make_account, make_overdue
from tests.factories.visits import make_case

pytestmark = pytest.mark.django_db

FIELDS = ("opened_on", "territory__code", "borrower__external_ref", "borrower__name", "borrower__territory__code")


def said(case: Case) -> tuple[Any, ...]:
    borrower = case.borrower
    return (
        case,
        case.opened_on,
        (case.territory_id, case.territory.code),
        (case.borrower_id, borrower.pk, borrower.external_ref, borrower.name),
        (borrower.territory_id, borrower.territory.code),
    )


@pytest.mark.parametrize("number", [1, 3])
def test_they_say_what_djangos_say_with_one_query(number: int, shanghai: Any, django_assert_num_queries: Any) -> None:
    for _each in range(number):
        make_case(territory=shanghai)
    rows = Case.objects.order_by("pk")

    with django_assert_num_queries(1):
        found = [said(case) for case in light_records(rows=rows, fields=FIELDS)]

    assert found == [said(case) for case in rows.select_related("territory", "borrower__territory")]


def test_what_was_not_asked_for_is_read_when_somebody_looks(shanghai: Any, django_assert_num_queries: Any) -> None:
    case = make_case(territory=shanghai)
    (found,) = light_records(rows=Case.objects.all(), fields=["opened_on"])

    assert found.get_deferred_fields() == {field.attname for field in Case._meta.concrete_fields} - {"id", "opened_on"}
    with django_assert_num_queries(1):
        assert found.stage == case.stage
    with django_assert_num_queries(2):
        assert found.borrower == case.borrower


def test_they_are_saved_as_djangos_are(shanghai: Any) -> None:
    make_case(territory=shanghai)
    (found,) = light_records(rows=Case.objects.all(), fields=["priority"])

    found.priority = 2
    found.save()

    assert Case.objects.values_list("priority").get() == (2,)


def test_a_record_that_many_refer_to_is_one_and_a_missing_one_is_none(shanghai: Any) -> None:
    borrower = make_overdue(territory=shanghai).borrower
    make_account(borrower=borrower)

    first, second = light_records(rows=Account.objects.order_by("pk"), fields=["borrower__external_ref"])

    assert first.borrower is second.borrower
    case = make_case(territory=shanghai, account=first)
    (found,) = light_records(rows=Case.objects.all(), fields=["owner__username"])
    assert (found.owner_id, found.owner, found.pk) == (None, None, case.pk)

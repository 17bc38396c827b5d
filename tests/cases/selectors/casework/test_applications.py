"""The application of a borrower, selected with them or read once."""

from cases.models import Borrower
from cases.selectors.casework.applications import application_of
from tests.factories.portfolio import make_application, make_borrower


def test_the_application_is_read_once(shanghai, django_assert_num_queries):
    made = make_application(borrower=make_borrower(territory=shanghai))
    borrower = Borrower.objects.get()

    with django_assert_num_queries(1):
        found = [application_of(borrower=borrower) for _twice in range(2)]

    assert found == [made, made]


def test_a_borrower_without_one_has_none_and_is_not_asked_again(shanghai, django_assert_num_queries):
    make_borrower(territory=shanghai)
    borrower = Borrower.objects.select_related("application").get()

    with django_assert_num_queries(0):
        assert application_of(borrower=borrower) is None

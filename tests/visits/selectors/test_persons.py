"""Borrowers of one person are found together, whichever of them is asked for."""

from datetime import timedelta

from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, make_borrower
from visits.selectors.persons import people_of


def test_a_person_has_all_their_borrowers_and_the_last_login_of_any(shanghai, risk_manager, django_assert_num_queries):
    one, two = make_sharing(territory=shanghai, last_app_login_at=AT)
    one.last_app_login_at = AT - timedelta(days=3)
    one.save()
    merged(one, two, approver=risk_manager)
    alone = make_borrower(territory=shanghai, id_number="")
    one.refresh_from_db()

    with django_assert_num_queries(1):
        people = people_of(borrowers=[one.pk, alone.pk])

    assert people.person_of == {one.pk: one.person_id, two.pk: one.person_id, alone.pk: -alone.pk}
    assert people.last_login == {one.person_id: AT, -alone.pk: None}
    assert people.by_person([(two.pk, "b"), (alone.pk, "c"), (one.pk, "a")]) == {
        one.person_id: ["b", "a"],
        -alone.pk: ["c"],
    }

"""Which version judges an account: that of its segment, else that of the empty segment."""

from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.models import Account, PolicyVersion
from cases.services.policies.policy_book import book_of
from tests.factories.policy import policy_body
from tests.factories.portfolio import make_overdue

pytestmark = pytest.mark.django_db


def version(**changes: Any) -> PolicyVersion:
    return PolicyVersion(number=1, body=policy_body(**changes))


def test_every_account_is_judged_by_exactly_one_page(shanghai: Any) -> None:
    for segment in ("A", "B", "", "OTHER"):
        make_overdue(territory=shanghai, segment=segment)
    book = book_of({"B": version(), "": version(), "A": version()})

    judged = {
        page.segment: sorted(Account.objects.filter(book.accounts_q(page)).values_list("segment", flat=True))
        for page in book.pages
    }

    assert judged == {"": ["", "OTHER"], "A": ["A"], "B": ["B"]}
    assert (list(judged), book.segments) == (["", "A", "B"], ("A", "B"))


def test_one_policy_for_everybody_judges_everybody(shanghai: Any) -> None:
    make_overdue(territory=shanghai, segment="A")
    book = book_of({"": version()})

    assert Account.objects.filter(book.accounts_q(book.pages[0])).count() == 1


def test_a_body_that_is_no_policy_is_refused() -> None:
    with pytest.raises(InvalidInput):
        book_of({"": version(rules="x")})

"""Approved orders of an agency's own cases."""

from typing import Any

import pytest
from django.utils import translation

from tests.factories.visits import make_case, make_order, make_placement


@pytest.fixture
def approved(shanghai: Any, agency: Any, approver: Any) -> Any:
    """Return a maker of approved orders, each of a case of its own placed with the agency."""

    def make(*, of: Any = agency, **fields: Any) -> Any:
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=of)
        return make_order(case=case, placement=placement, state="APPROVED", approver=approver, **fields)

    return make


@pytest.fixture
def at_door(approved: Any) -> Any:
    """Return a maker of approved orders of people who live behind one door, each with a case of their own."""

    def make(*, line: str = "示范路7号1栋301室", **fields: Any) -> Any:
        order = approved(**fields)
        order.address.line = line
        order.address.save()
        return order

    return make


@pytest.fixture
def english() -> Any:
    """Raise errors in English, whose words the test compares."""
    with translation.override("en"):
        yield

"""A report of a visit whose files are about to be sent, of the visit of the floor's fixtures or of another one."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.evidence import make_reported
from tests.factories.visits import make_case, make_placement


@pytest.fixture
def make_report(case: Any, placement: Any, approver: Any, pair: Any) -> Callable[..., Any]:
    return lambda *contents, **fields: make_reported(
        case=case, placement=placement, approver=approver, pair=pair, contents=contents, **fields
    )


@pytest.fixture
def elsewhere(shanghai: Any, agency: Any, approver: Any, pair: Any) -> Callable[..., Any]:
    """Return a function that makes a report of another visit, to another borrower at each call."""

    def make(*contents: bytes, **fields: Any) -> Any:
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        return make_reported(case=case, placement=placement, approver=approver, pair=pair, contents=contents, **fields)

    return make

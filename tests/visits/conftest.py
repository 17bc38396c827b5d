"""A visit's people and paper, ready to be taken through its steps."""

from typing import Any

import pytest

from tests.factories.visits import make_agency, make_case, make_coordinator, make_member, make_placement


@pytest.fixture
def case(shanghai: Any) -> Any:
    return make_case(territory=shanghai)


@pytest.fixture
def agency(shanghai: Any) -> Any:
    return make_agency(territory=shanghai)


@pytest.fixture
def pair(agency: Any) -> Any:
    return make_member(agency=agency), make_member(agency=agency)


@pytest.fixture
def coordinator(agency: Any) -> Any:
    return make_coordinator(agency=agency)


@pytest.fixture
def placement(case: Any, agency: Any) -> Any:
    return make_placement(case=case, agency=agency)

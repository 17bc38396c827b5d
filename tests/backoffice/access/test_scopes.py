"""Which scopes one client may hold together."""

import pytest

from backoffice.access.scopes import conflicting_scopes


@pytest.mark.parametrize(
    ("scopes", "conflict"),
    [
        ([], ()),
        (["visits:write"], ()),
        (["visits:write", "visits:read"], ()),
        (["cases:read", "terms:write", "visits:read"], ()),
        (["terms:write", "visits:write", "cases:read"], ("cases:read", "terms:write")),
        (["visits:write", "unknown"], ("unknown",)),
    ],
)
def test_conflicting_scopes_are_those_that_an_agency_program_cannot_hold(scopes, conflict):
    assert conflicting_scopes(scopes) == conflict

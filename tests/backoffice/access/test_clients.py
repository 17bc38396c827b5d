"""Machine clients: their scopes, their secret, and the tokens that end when either changes."""

import pytest

from backoffice.access.clients import change_client_scopes, create_client
from backoffice.core.errors import InvalidInput


def test_client_asks_for_its_own_scopes_only(client, administrator, at):
    made, secret = create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)
    asked = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": secret}

    own = client.post("/o/token/", {**asked, "scope": "cases:read"})
    foreign = client.post("/o/token/", {**asked, "scope": "terms:write"})

    assert (own.status_code, own.json()["scope"]) == (200, "cases:read")
    assert (foreign.status_code, foreign.json()) == (400, {"error": "invalid_scope"})


def test_change_client_scopes_ends_tokens_at_once(client, administrator, at):
    made, secret = create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)
    asked = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": secret}
    client.post("/o/token/", asked)
    assert made.accesstoken_set.count() == 1

    change_client_scopes(client=made, scopes=["visits:read"], actor=administrator, at=at)

    assert made.accesstoken_set.count() == 0


def test_client_of_an_agency_holds_no_other_scopes(administrator, at):
    with pytest.raises(InvalidInput, match="cases:read"):
        create_client(name="Mixed", scopes=["visits:write", "cases:read"], actor=administrator, at=at)
    made, _secret = create_client(name="Firm", scopes=["visits:write", "visits:read"], actor=administrator, at=at)
    with pytest.raises(InvalidInput):
        change_client_scopes(client=made, scopes=["visits:write", "terms:write"], actor=administrator, at=at)

    made.user.refresh_from_db()
    assert made.user.scopes == ["visits:write", "visits:read"]

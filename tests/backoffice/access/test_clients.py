"""Machine clients: their scopes, their secret, and the tokens that end when either changes."""

import pytest
from django.utils.translation import override
from oauth2_provider.models import Application

from backoffice.access.clients import ClientScopes, change_client_scopes, create_client, renew_client_secret
from backoffice.access.models import User
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed


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


def test_creating_a_client_is_recorded_and_keeps_its_secret_hashed(administrator, at):
    made, secret = create_client(name="Core lending", scopes=["cases:read", "terms:write"], actor=administrator, at=at)

    made.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (made.user.username, made.user.role, made.user.scopes, made.user.has_usable_password()) == (
        "machine-core-lending",
        "MACHINE",
        ["cases:read", "terms:write"],
        False,
    )
    assert (len(secret) >= 32, secret in made.client_secret) == (True, False)
    assert (entry.actor_id, entry.action, entry.subject_id, entry.at, entry.body) == (
        administrator.pk,
        "client.created",
        str(made.pk),
        at,
        {"scopes": ["cases:read", "terms:write"]},
    )


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [("Core", ["cases:read"], "name"), ("Other", ["cases:read", "cases:write"], "scopes"), ("Other", [""], "scopes")],
)
def test_a_taken_name_and_unknown_scopes_are_refused_and_nothing_is_made(administrator, at, name, scopes, field):
    create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)

    with pytest.raises(InvalidInput) as refused:
        create_client(name=name, scopes=scopes, actor=administrator, at=at)

    assert refused.value.field == field
    assert (Application.objects.count(), User.objects.filter(role="MACHINE").count()) == (1, 1)
    assert AuditEntry.objects.count() == 1


def test_only_administrators_make_and_change_clients(administrator, auditor, officer, at):
    made, _secret = create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)
    before = Application.objects.values().get()

    for actor in (auditor, officer):
        with pytest.raises(NotAllowed):
            create_client(name="Other", scopes=["cases:read"], actor=actor, at=at)
        with pytest.raises(NotAllowed):
            change_client_scopes(client=made, scopes=["terms:write"], actor=actor, at=at)
        with pytest.raises(NotAllowed):
            renew_client_secret(client=made, actor=actor, at=at)

    assert Application.objects.values().get() == before
    assert User.objects.get(role="MACHINE").scopes == ["cases:read"]


def test_a_token_without_a_named_scope_carries_all_that_the_client_may_have(client, administrator, at):
    made, secret = create_client(name="Core", scopes=["terms:write", "cases:read"], actor=administrator, at=at)
    asked = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": secret}

    answer = client.post("/o/token/", asked).json()

    assert sorted(answer["scope"].split()) == ["cases:read", "terms:write"]
    assert answer["expires_in"] == 3600


def test_a_new_secret_ends_the_old_one_and_its_tokens(client, administrator, at):
    made, old = create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)

    def ask(secret):
        fields = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": secret}
        return client.post("/o/token/", fields)

    headers = {"authorization": f"Bearer {ask(old).json()['access_token']}"}
    assert client.get("/api/v1/cases/", headers=headers).status_code == 200

    new = renew_client_secret(client=made, actor=administrator, at=at)

    assert client.get("/api/v1/cases/", headers=headers).status_code == 401
    assert (ask(old).status_code, ask(new).status_code) == (401, 200)
    assert AuditEntry.objects.order_by("sequence").last().action == "client.secret_renewed"


def test_clients_have_no_scopes_where_no_machine_user_stands_for_them():
    assert ClientScopes().get_available_scopes(application=Application(name="left")) == []


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "没有此授权范围。"), ("en", "There is no such scope.")])
def test_an_unknown_scope_is_refused_in_the_readers_language(administrator, at, language, words):
    with pytest.raises(InvalidInput) as refused:
        create_client(name="Core", scopes=["cases:delete"], actor=administrator, at=at)

    with override(language):
        assert str(refused.value) == words

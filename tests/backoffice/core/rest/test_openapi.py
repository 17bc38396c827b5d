"""What the schema says about the doors."""

import io
import json
from typing import Any

from django.core.management import call_command
from django.test import Client

from backoffice.access.clients import known_scopes
from tests.factories.requests import signed_in


def test_schema_is_valid_and_says_how_to_sign_in(db: Any) -> None:
    written = io.StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=written)

    assert '"clientCredentials"' in written.getvalue()
    assert '"/api/v1/terms-changes/acknowledge/"' in written.getvalue()


def test_schema_and_docs_are_for_people_who_signed_in(officer: Any) -> None:
    client = signed_in(officer)

    assert [client.get(door).status_code for door in ("/api/schema/", "/api/docs/")] == [200, 200]
    assert Client().get("/api/schema/").status_code == 401


def test_each_door_names_the_scope_that_a_machine_needs_and_none_where_none_may_enter(db: Any) -> None:
    written = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=written)
    schema = json.loads(written.getvalue())
    scopes = {
        f"{method} {path}": [each["oauth2"] for each in door["security"] if "oauth2" in each]
        for path, doors in schema["paths"].items()
        for method, door in doors.items()
    }

    assert scopes["get /api/v1/cases/"] == [["cases:read"]]
    assert scopes["post /api/v1/terms-changes/acknowledge/"] == [["terms:write"]]
    assert scopes["post /api/v1/contacts/"] == [["portfolio:write"]]
    # People only: a decision is approved by somebody.
    assert scopes["post /api/v1/decisions/{id}/approve/"] == []
    flow = schema["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == set(known_scopes())

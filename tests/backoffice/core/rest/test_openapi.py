"""What the schema says about the doors."""

import io
from typing import Any

from django.core.management import call_command
from django.test import Client

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

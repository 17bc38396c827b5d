"""The checks of a deployment."""

from typing import Any

import pytest

from backoffice.audit.checks import check_checkpoints, check_database_roles


@pytest.mark.parametrize(("owner", "found"), [("owner", []), ("running", ["audit.W001"])])
def test_check_database_roles_warns_where_one_role_does_everything(settings: Any, owner: str, found: list[str]) -> None:
    settings.DATABASE_RUNNING_ROLE, settings.DATABASE_OWNER = "running", {"USER": owner}

    assert [message.id for message in check_database_roles(None)] == found


@pytest.mark.parametrize(("directory", "found"), [("/somewhere", []), ("", ["audit.W002"])])
def test_check_checkpoints_warns_where_none_are_kept(settings: Any, directory: str, found: list[str]) -> None:
    settings.AUDIT_CHECKPOINTS = directory

    assert [message.id for message in check_checkpoints(None)] == found


@pytest.mark.parametrize(
    ("backend", "found"),
    [("django.core.files.storage.InMemoryStorage", []), ("no.such.backend.Storage", ["audit.E001"])],
)
def test_check_checkpoints_refuses_a_storage_that_cannot_be_made(settings: Any, backend: str, found: list[str]) -> None:
    settings.STORAGES = {**settings.STORAGES, "checkpoints": {"BACKEND": backend}}

    assert [message.id for message in check_checkpoints(None)] == found

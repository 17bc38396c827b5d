"""What a deployment should have so that the trail cannot be changed unseen. Run by `manage.py check --deploy`."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.storage import InvalidStorageError

from backoffice.audit.checkpoint_stores import checkpoint_store
from backoffice.core.database_roles import has_two_roles


@register(Tags.security, deploy=True)
def check_database_roles(app_configs: Any, **_more: Any) -> list[CheckMessage]:
    """Warn where the program runs as the role that owns the tables."""
    if has_two_roles():
        return []
    return [
        Warning(
            "The program runs as the role that owns the tables, which may truncate them and turn off their triggers.",
            hint="Give DATABASE_URL a role of its own and MIGRATION_DATABASE_URL the owner's address, then run migrate.",
            id="audit.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_checkpoints(app_configs: Any, **_more: Any) -> list[CheckMessage]:
    """Warn where no signed checkpoints are kept, and refuse a storage backend that cannot be made."""
    try:
        store = checkpoint_store()
    except InvalidStorageError as error:
        return [
            Error(
                f"The storage of checkpoints cannot be made: {error}",
                hint="Install the backend that DOORSTEP_AUDIT_CHECKPOINTS_BACKEND names, and check its options.",
                id="audit.E001",
            )
        ]
    if store is not None:
        return []
    return [
        Warning(
            "No signed checkpoints of the audit trail are kept: a cut or recomputed chain would not be found.",
            hint="Set DOORSTEP_AUDIT_CHECKPOINTS to a directory outside the database's machine.",
            id="audit.W002",
        )
    ]

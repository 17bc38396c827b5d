"""Install the shipped policy where no policy exists."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.audit.services import record
from cases.enums import PolicyState
from cases.models import PolicyTerm, PolicyVersion
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.services.policies.drafts import locked_policy

# Author and approver of the shipped policy: two users, because the database refuses self-approval. Neither can log in.
_AUTHOR: Final = ("policy.author", Role.RISK_MANAGER)


_APPROVER: Final = ("policy.approver", Role.APPROVER)


_SHIPPED: Final = "Doorstep default policy"


def install_default_policy(*, effective_from: date, at: datetime) -> PolicyVersion | None:
    """
    Put the shipped policy into force if the default segment has no version; otherwise do nothing and return None.

    Its author and approver are two users that cannot log in, so that the trail shows that nobody of the lender has
    approved it yet.
    """
    with transaction.atomic():
        policy = locked_policy(segment="", at=at)
        if policy.versions.exists():
            return None
        author, approver = _shipped_user(*_AUTHOR), _shipped_user(*_APPROVER)
        version = PolicyVersion.objects.create(
            policy=policy,
            number=1,
            body=DEFAULT_POLICY,
            note=_SHIPPED,
            state=PolicyState.ACTIVE,
            effective_from=effective_from,
            proposed_by=author,
            approved_by=approver,
            approved_at=at,
            created_at=at,
            updated_at=at,
        )
        PolicyTerm.objects.create(
            policy=policy, version=version, effective_from=effective_from, set_by=approver, created_at=at, updated_at=at
        )
        record(
            actor=None,
            action="policy.installed",
            subject=version,
            at=at,
            body={"number": 1, "author": author.username, "approver": approver.username},
        )
        return version


def _shipped_user(username: str, role: Role) -> User:
    found: User | None = User.objects.filter(username=username).first()
    if found is not None:
        return found
    made: User = User.objects.create_user(username, role=role, display_name=_SHIPPED, is_active=False)
    return made

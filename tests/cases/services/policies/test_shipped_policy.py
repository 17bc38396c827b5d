"""The shipped policy is installed once, by two users that cannot log in."""

import pytest

from backoffice.access.models import User
from cases.services.policies import versions
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db


def test_install_default_policy_happens_once_and_nobody_can_log_in_as_its_people() -> None:
    first = versions.install_default_policy(effective_from=TODAY, at=AT)

    assert versions.install_default_policy(effective_from=TODAY, at=AT) is None
    assert versions.active_version() == first
    people = User.objects.filter(username__startswith="policy.")
    assert [(u.is_active, u.has_usable_password()) for u in people] == [(False, False)] * 2

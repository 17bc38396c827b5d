"""Profiles of the lender with a version in use."""

from datetime import UTC, datetime

from cases.enums import ProfileState
from cases.models import IntakeProfile, IntakeProfileVersion

MADE_AT = datetime(2026, 3, 1, 8, 15, 30, 123_456, tzinfo=UTC)


def make_profile(
    *, name: str = "own", kind: str = "ACCOUNTS", body: str, state: str = ProfileState.ACTIVE
) -> IntakeProfileVersion:
    """Return the first version of a new profile, in use unless another state is given."""
    profile = IntakeProfile.objects.create(name=name, kind=kind, created_at=MADE_AT)
    return IntakeProfileVersion.objects.create(
        profile=profile, number=1, body=body, state=state, created_at=MADE_AT, updated_at=MADE_AT
    )

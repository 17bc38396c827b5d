"""Records of who signs in, where they work, and what they may ask for."""

from backoffice.access.models.credentials import AttemptCounter, CredentialKind, CredentialRequest, CredentialState
from backoffice.access.models.people import Jurisdiction, StandIn, Territory, User

__all__ = [
    "AttemptCounter",
    "CredentialKind",
    "CredentialRequest",
    "CredentialState",
    "Jurisdiction",
    "StandIn",
    "Territory",
    "User",
]

"""Every write of policies, gathered from the files of this room for doors and for other rooms."""

from cases.selectors.policies.versions import versions_on
from cases.services.policies.activation import (
    activate_due,
    activate_version,
    active_version,
    numbered_version,
    retire_version,
    roll_back,
)
from cases.services.policies.approval import (
    PolicyRefused,
    WarningsNotAccepted,
    approve_version,
    send_back_version,
    submit_version,
)
from cases.services.policies.drafts import LONGEST_SEGMENT, discard_version, draft_version, revise_version
from cases.services.policies.shipped_policy import install_default_policy

__all__ = [
    "LONGEST_SEGMENT",
    "PolicyRefused",
    "WarningsNotAccepted",
    "activate_due",
    "activate_version",
    "active_version",
    "approve_version",
    "discard_version",
    "draft_version",
    "install_default_policy",
    "numbered_version",
    "retire_version",
    "revise_version",
    "roll_back",
    "send_back_version",
    "submit_version",
    "versions_on",
]

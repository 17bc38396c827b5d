"""The ground floor's pages for staff. Importing the modules registers them."""

from cases.admin import (
    account,
    borrower,
    complaint,
    contact,
    decision,
    policy,
    run,
    trigger,
    upgrade,
    verification,
)

__all__ = [
    "account",
    "borrower",
    "complaint",
    "contact",
    "decision",
    "policy",
    "run",
    "trigger",
    "upgrade",
    "verification",
]

"""The ground floor's pages for staff. Importing the modules registers them."""

from cases.admin import (
    account,
    borrower,
    case,
    complaint,
    contact,
    decision,
    intake,
    policy,
    prices,
    run,
    run_records,
    shadow,
    trial,
    trigger,
    upgrade,
    verification,
)

__all__ = [
    "account",
    "borrower",
    "case",
    "complaint",
    "contact",
    "decision",
    "intake",
    "policy",
    "prices",
    "run",
    "run_records",
    "shadow",
    "trial",
    "trigger",
    "upgrade",
    "verification",
]

"""The ground floor's pages for staff. Importing the modules registers them."""

from cases.admin import account, borrower, contact, doubt, history, repayment, trigger, verification
from cases.admin.case import case
from cases.admin.decisions import complaint, decision, plan
from cases.admin.intake import file, profile, profile_version
from cases.admin.policy import prices, strategy_upgrade, version
from cases.admin.runs import records, run
from cases.admin.trials import shadow_run, trial

__all__ = [
    "account",
    "borrower",
    "case",
    "complaint",
    "contact",
    "decision",
    "doubt",
    "file",
    "history",
    "plan",
    "prices",
    "profile",
    "profile_version",
    "records",
    "repayment",
    "run",
    "shadow_run",
    "strategy_upgrade",
    "trial",
    "trigger",
    "verification",
    "version",
]

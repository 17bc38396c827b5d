"""The ground floor's pages for staff. Importing the modules registers them."""

from cases.admin import account, account_term, borrower, contact, doubt, history, repayment, trigger, verification
from cases.admin.case import case
from cases.admin.contacts import breach, permit
from cases.admin.decisions import complaint, concession_budget, decision, plan, waiver
from cases.admin.intake import file, profile, profile_version
from cases.admin.people import merge, person, shared_number
from cases.admin.policy import holidays, prices, strategy_upgrade, version
from cases.admin.runs import records, run
from cases.admin.trials import shadow_run, trial

__all__ = [
    "account",
    "account_term",
    "borrower",
    "breach",
    "case",
    "complaint",
    "concession_budget",
    "contact",
    "decision",
    "doubt",
    "file",
    "history",
    "holidays",
    "merge",
    "permit",
    "person",
    "plan",
    "prices",
    "profile",
    "profile_version",
    "records",
    "repayment",
    "run",
    "shadow_run",
    "shared_number",
    "strategy_upgrade",
    "trial",
    "trigger",
    "verification",
    "version",
    "waiver",
]

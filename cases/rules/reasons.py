"""Reasons, next steps and ways back, in sentences that a borrower can read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    "PAID": _("The arrears have been paid."),
    "IDENTITY_NOT_THE_BORROWER": _("It was found, or you told us, that the loan may not be yours."),
    "STRUCK_BY_EVENT": _("An illness, a death, a disaster or a similar event calls for special care."),
    "HARDSHIP": _("You are in hardship through no fault of your own."),
    "HARDSHIP_AND_UNABLE": _("You are in hardship and cannot pay at present."),
    "UNABLE_TO_PAY": _("You cannot pay at present."),
    "PARTLY_ABLE": _("You can pay a part at a time."),
    "TEMPORARY_SHORTAGE": _("You are short of money for a while."),
    "ABLE_AND_COOPERATIVE": _("You can pay and have said how you will."),
    "ABLE_WITH_EVIDENCE": _("There is evidence that you are able to pay."),
    "WILFUL_WITH_EVIDENCE": _("There is evidence that the payment was withheld on purpose."),
    "DEBT_DISPUTED": _("You dispute the debt; we answer that first."),
    "PLAN_RUNNING": _("A repayment plan is running."),
    "ACCOUNT_ENDED": _("The account has been closed or written off."),
    "EVIDENCE_TOO_WEAK": _("The evidence is not enough for a decision."),
    "ADDRESS_TO_REPAIR": _("The address on file needs correcting."),
    "NOTHING_ESTABLISHED": _("Nothing was established that calls for a decision."),
    "PAID_ON_TIME": _("You have paid on time for months."),
    "COOPERATED": _("You cooperated in setting things right."),
    "LONG_OVERDUE": _("The account has been overdue for long."),
    "NO_AFFORDABLE_PLAN": _(
        "By the income and expenses that we know of, no plan of up to 60 instalments keeps to what you can afford."
    ),
    "UPHELD_APPEAL": _("Your appeal was upheld."),
    "OFFICER_JUDGEMENT": _("A case officer examined the account."),
}

NEXT_STEPS: dict[str, Promise] = {
    "DECIDE": _("Decide on the proposal"),
    "CONTINUE_CONTACT": _("Stay in contact from afar"),
    "ANSWER_DISPUTE": _("Answer the dispute in writing"),
    "WATCH_PLAN": _("Watch the plan"),
    "GATHER_EVIDENCE": _("Gather evidence or let it rest"),
    "REPAIR_ADDRESS": _("Ask the borrower to correct the address in the app"),
}

WAYS_BACK: dict[str, Promise] = {
    "PAY_THE_ARREARS": _("Pay the arrears, and this ends."),
    "SETTLE_OR_AGREE_A_PLAN": _("Pay the arrears or agree a plan, and the legal route stops."),
    "THREE_PAYMENTS_ON_TIME": _("Pay the arrears; after three more payments on time this ends."),
    "APPEAL": _("You may appeal; a person who took no part answers within 15 days."),
}

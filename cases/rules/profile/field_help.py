"""Each field of ours in words: its name, one line of help, and its unit. A field without an entry shows its own name."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

SECTIONS: Final[dict[str, Text]] = {
    "borrower": _("Borrower"),
    "account": _("Account"),
    "application": _("Application"),
    "statements": _("Statements"),
    "repayments": _("Repayments"),
    "phones": _("Telephones"),
    "addresses": _("Addresses"),
    "repayment": _("Repayment"),
    "contact": _("Contact attempt"),
    "promise": _("Promise to pay"),
    "signal": _("Suspicion signal"),
    "outcome": _("Observed outcome"),
    "reversal": _("Reversal"),
    "contact_detail": _("Contact detail"),
    "instalment": _("Instalment"),
    "related_person": _("Related person"),
}
# (name, help with the unit) of each field.
FIELDS: Final[dict[str, tuple[Text, Text]]] = {
    "borrower.external_ref": (_("Customer number"), _("The lender's own number of the customer; it never changes.")),
    "borrower.territory": (_("Territory"), _("The code of a territory of ours; map branches or cities to it.")),
    "borrower.name": (_("Name of the borrower"), _("As on the identity card. Stored sealed.")),
    "borrower.id_number": (_("Identity number"), _("As on the identity card. Stored sealed.")),
    "borrower.last_app_login_at": (_("Last use of the app"), _("Date and time of the latest sign-in.")),
    "application.employer": (_("Employer"), _("As the borrower stated it when applying. Stored sealed.")),
    "application.monthly_income": (_("Income a month"), _("Money, as stated when applying. Stored sealed.")),
    "application.monthly_expenses": (_("Expenses a month"), _("Money, as stated when applying. Stored sealed.")),
    "application.stated_on": (_("Stated on"), _("The day of the application.")),
    "account.external_ref": (_("Account number"), _("The number of the loan or card; each occurs once in a file.")),
    "account.territory": (_("Territory of the account"), _("Only where it differs from the borrower's.")),
    "account.product": (_("Product"), _("Consumer instalments, cash instalments or credit card.")),
    "account.segment": (_("Segment"), _("A word of yours; policies may be written for one segment.")),
    "account.currency": (_("Currency"), _("Three letters; CNY unless given.")),
    "account.status": (_("Status"), _("Active unless given. An account in arrears is active.")),
    "account.credit_limit": (_("Credit limit"), _("Money: the limit of a card, the amount granted of a loan.")),
    "account.pre_default_limit": (_("Limit before default"), _("Money: the limit before the account fell in arrears.")),
    "account.annual_rate": (_("Annual rate"), _("Choose percent (18 or 18%) or fraction (0.18).")),
    "account.outstanding_principal": (_("Outstanding principal"), _("Money: what is still owed, without interest.")),
    "account.arrears_amount": (_("Arrears"), _("Money: what was due and has not been paid.")),
    "account.days_past_due": (_("Days past due"), _("Days since the oldest unpaid due date; 0 if nothing is late.")),
    "account.as_of": (_("As of"), _("The day of these figures.")),
    "account.opened_on": (_("Opened on"), _("The day on which the loan was paid out or the card opened.")),
    "statements.period": (_("Month of the statement"), _("Any day of the month counts as the month.")),
    "statements.due_on": (_("Due on"), _("The last day to pay the statement.")),
    "statements.balance": (_("Balance of the statement"), _("Money; negative if the customer had paid too much.")),
    "statements.due_amount": (_("Amount due"), _("Money that had to be paid by the due day.")),
    "statements.paid_amount": (_("Amount paid"), _("Money that was paid on this statement afterwards.")),
    "statements.days_past_due": (_("Days past due then"), _("At the end of that month.")),
    "statements.is_idle": (_("Not used"), _("Yes if nothing was bought or owed in the month.")),
    "repayments.external_ref": (_("Reference of the repayment"), _("A number that each repayment has for itself.")),
    "repayments.amount": (_("Amount repaid"), _("Money, above zero; an empty cell leaves the repayment out.")),
    "repayments.paid_on": (_("Repaid on"), _("The day on which the money came in.")),
    "repayments.means": (_("Means of payment"), _("A word of yours, such as debit or transfer.")),
    "phones.number": (_("Telephone number"), _("A number of the borrower, not of other people. Stored sealed.")),
    "addresses.kind": (_("Kind of address"), _("Current residence unless given.")),
    "addresses.line": (_("Address"), _("The whole address in one text. Stored sealed.")),
    "addresses.latitude": (_("Latitude"), _("Degrees, -90 to 90; only with the longitude.")),
    "addresses.longitude": (_("Longitude"), _("Degrees, -180 to 180; only with the latitude.")),
    "addresses.adcode": (_("Area code"), _("The six digits of the district.")),
    "addresses.is_rural": (_("In the country"), _("Yes or no.")),
    "addresses.source": (_("Source of the address"), _("A word of yours, such as application form.")),
    "addresses.confidence": (_("Confidence"), _("A share from 0 to 1, or percent.")),
    "addresses.first_seen_on": (_("First seen on"), _("The day on which the address became known.")),
    "addresses.last_verified_on": (_("Last verified on"), _("The day on which somebody last confirmed it.")),
    "repayment.external_ref": (_("Reference of the repayment"), _("A number that each repayment has for itself.")),
    "repayment.account": (_("Account number"), _("The account that was paid on; it must be known already.")),
    "repayment.amount": (_("Amount repaid"), _("Money, above zero.")),
    "repayment.paid_on": (_("Repaid on"), _("The day on which the money came in.")),
    "repayment.means": (_("Means of payment"), _("A word of yours, such as debit or transfer.")),
    "contact.external_ref": (_("Reference of the contact"), _("A number that each contact has for itself.")),
    "contact.borrower": (_("Customer number"), _("The borrower who was contacted; known already.")),
    "contact.channel": (_("Channel"), _("App, SMS, voice call, letter or visit.")),
    "contact.direction": (_("Direction"), _("Outbound unless given.")),
    "contact.outcome": (_("Outcome"), _("What came of it, such as borrower reached or no answer.")),
    "contact.right_party": (_("Borrower in person"), _("Yes if the borrower in person was reached.")),
    "contact.receipt": (_("Receipt"), _("Yes if there is a receipt of the delivery.")),
    "contact.attempted_at": (_("Time of the contact"), _("Date and time, in the time zone of the file.")),
    "contact.number": (_("Telephone number"), _("The number that was called. Stored sealed.")),
    "contact.permit_ref": (_("Permit"), _("Reference of the permit that the contact was made with.")),
    "contact.cost": (_("Cost"), _("Money that the contact cost.")),
    "promise.external_ref": (_("Reference of the promise"), _("A number that each promise has for itself.")),
    "promise.account": (_("Account number"), _("The account that was promised to be paid; known already.")),
    "promise.channel": (_("Channel"), _("App, SMS, voice call, letter or visit.")),
    "promise.amount": (_("Amount promised"), _("Money, above zero.")),
    "promise.promised_on": (_("Promised on"), _("The day on which it was promised.")),
    "promise.due_on": (_("Promised for"), _("The day by which it is to be paid.")),
    "promise.state": (_("State"), _("Open unless given.")),
    "promise.settled_on": (_("Settled on"), _("The day on which it was kept or broken.")),
    "signal.external_ref": (_("Reference of the signal"), _("A number that each signal has for itself.")),
    "signal.borrower": (_("Customer number"), _("The borrower whom it concerns; known already.")),
    "signal.kind": (_("Kind of signal"), _("What does not fit.")),
    "signal.source": (_("Source"), _("A word of yours: who noticed it.")),
    "signal.confidence": (_("Confidence"), _("A share from 0 to 1, or percent.")),
    "signal.noticed_on": (_("Noticed on"), _("The day on which it was noticed.")),
    "signal.cleared_on": (_("Cleared on"), _("The day on which it was explained.")),
    "outcome.external_ref": (_("Reference of the outcome"), _("A number that each outcome has for itself.")),
    "outcome.account": (_("Account number"), _("The account that was observed; known already.")),
    "outcome.kind": (_("Kind of outcome"), _("What was observed.")),
    "outcome.observed_on": (_("Observed on"), _("The day of the observation.")),
    "outcome.is_bad": (_("Bad"), _("Yes if the account turned bad.")),
    "borrower.id_document": (
        _("Identity document"),
        _("What document the number is of; a resident's card unless given."),
    ),
    "repayment.reverses": (
        _("Repayment taken back"),
        _("In a row with a negative amount: the reference of the repayment it takes back."),
    ),
    "repayment.reason": (_("Reason"), _("Why the repayment is taken back.")),
    "reversal.external_ref": (_("Reference of the reversal"), _("A number that each reversal has for itself.")),
    "reversal.repayment": (_("Repayment taken back"), _("The reference of the repayment; known already.")),
    "reversal.account": (_("Account number"), _("The account of the repayment, to be compared.")),
    "reversal.amount": (_("Amount taken back"), _("Money, above zero; empty for the whole rest.")),
    "reversal.reversed_on": (_("Taken back on"), _("The day on which the money went back.")),
    "reversal.reason": (_("Reason"), _("Why the repayment is taken back.")),
    "contact_detail.borrower": (_("Customer number"), _("The borrower whom it belongs to; known already.")),
    "instalment.external_ref": (
        _("Reference of the instalment"),
        _("A number that each instalment has for itself, such as loan and number."),
    ),
    "instalment.account": (_("Account number"), _("The account of the schedule; known already.")),
    "instalment.due_on": (_("Due on"), _("The last day to pay the instalment.")),
    "instalment.due_amount": (_("Amount due"), _("Money: principal, interest and fees of the instalment.")),
    "instalment.principal": (_("Of this principal"), _("Money; the whole amount due unless given.")),
    "instalment.paid_amount": (_("Amount paid"), _("Money that was paid on this instalment.")),
    "instalment.paid_on": (_("Paid on"), _("The day on which it was paid in full.")),
    "instalment.as_of": (_("As of"), _("The day of these figures.")),
    "related_person.external_ref": (
        _("Reference of the person"),
        _("A number that each related person has for themselves."),
    ),
    "related_person.borrower": (_("Customer number"), _("The borrower whom they are related to; known already.")),
    "related_person.role": (_("Role"), _("Co-borrower, guarantor, spouse, representative or contact person.")),
    "related_person.name": (_("Name of the person"), _("Stored sealed.")),
    "related_person.id_number": (_("Identity number"), _("Stored sealed.")),
    "related_person.number": (_("Telephone number"), _("Stored sealed.")),
    "related_person.since_on": (_("Since"), _("The day from which it counts.")),
    "related_person.ends_on": (_("Counts until"), _("The last day on which it counts.")),
}


def field_name(key: str) -> Text:
    """Return the words for a field by its key, such as "account.as_of"; a field without words gives its own name."""
    if key in FIELDS:
        return FIELDS[key][0]
    return key.rpartition(".")[2].replace("_", " ")


def field_help(key: str) -> Text:
    """Return one line of help for a field by its key; empty if there is none."""
    return FIELDS[key][1] if key in FIELDS else ""


def section_name(section: str) -> Text:
    """Return the words for a section; a section without words gives its own name."""
    return SECTIONS.get(section, section.replace("_", " "))

"""The value that the core named in trouble with a term."""

from cases.enums import TermsField, TermsTrouble
from cases.models import AccountTerm, TermsChange

# What the core's files say of terms. Collection and penalty stand in none.
COLUMNS = {
    TermsField.LIMIT: "credit_limit",
    TermsField.RATE: "annual_rate",
    TermsField.STATUS: "status",
}


def named_value(*, term: AccountTerm) -> str:
    """
    Return the value that the core answered to the newest instruction, or shows in its files, in trouble about values.

    Empty where there is no such trouble, or a newer instruction is under way. At most one query beside the account.
    """
    if term.trouble == TermsTrouble.DIFFERS:
        return str(getattr(term.account, COLUMNS[TermsField(term.field)]))
    if term.trouble != TermsTrouble.OTHER_VALUE:
        return ""
    lines = TermsChange.objects.filter(account=term.account_id, field=term.field, version=term.version)
    return lines.values_list("answered_value", flat=True).first() or ""

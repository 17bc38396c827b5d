"""How long a circumstance counts by default, and which circumstances forbid decisions against the borrower."""

from collections.abc import Mapping
from datetime import date, timedelta

from cases.enums import ComplaintKind, FlagKind

# Days, from table b of the domain notes. A kind that is missing here counts until a person ends it: a dispute until the
# written answer, a complaint until it is answered, a representative until the mandate ends.
COUNTS_FOR_DAYS: Mapping[str, int] = {
    FlagKind.HARDSHIP: 90,
    FlagKind.BEREAVED: 90,
    FlagKind.DISASTER: 60,
    FlagKind.VULNERABLE: 180,
    FlagKind.CEASE: 30,
    FlagKind.ILLNESS: 30,
    FlagKind.CHILDBIRTH: 180,
    FlagKind.SELF_HARM: 180,
    FlagKind.OCCASION: 7,
}
# No adverse decision is approved while one of these is open (list c 8, clauses 41-43).
# Those that only keep visitors away take nothing else off the table.
PROTECTIVE = frozenset(FlagKind) - {
    FlagKind.OPTED_OUT_OF_VISITS,
    FlagKind.REPRESENTED,
    FlagKind.AGED,
    FlagKind.DISABLED,
    FlagKind.OCCASION,
}

# The circumstance that a complaint brings until it is answered. A request for an explanation pauses nothing.
PAUSES: Mapping[str, str] = {
    ComplaintKind.COMPLAINT: FlagKind.COMPLAINT,
    ComplaintKind.APPEAL: FlagKind.COMPLAINT,
    ComplaintKind.DISPUTE: FlagKind.DISPUTED,
}
# 《银行业保险业消费投诉处理管理办法》: a decision within fifteen days.
ANSWER_DAYS = 15
# A complicated matter is answered within 30 days of its receipt (rules on consumer complaints of banks and insurers, 2020);
# an explanation of a decision is never put off.
EXTENDED_ANSWER_DAYS = 30
# House value: so long after the answer the borrower may say that they do not accept it.
REOPEN_DAYS = 60


def counts_until(*, kind: str, on: date) -> date | None:
    """Return the last day on which a circumstance noted on `on` counts, None if it has no end of its own."""
    days = COUNTS_FOR_DAYS.get(kind)
    return None if days is None else on + timedelta(days=days)

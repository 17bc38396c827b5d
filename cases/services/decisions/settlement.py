"""Promises, plans and waivers follow the repayments: what arrived, what was corrected, and what was taken back."""

from datetime import date, datetime
from typing import Final

from django.db import connection, transaction

from cases.models import Account
from cases.services.casework.promises import settle_promises
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.decisions.plans import settle_instalments
from cases.services.decisions.waivers import follow_waivers

# A repayment stays marked until the last of its days has come, so that a reversal dated tomorrow is settled tomorrow.
_TAKE_CHANGED: Final = """
    UPDATE cases_repayment r
    SET settle_again = r.paid_on > %(on)s OR EXISTS (
        SELECT 1 FROM cases_repaymentreversal back WHERE back.repayment_id = r.id AND back.reversed_on > %(on)s)
    WHERE r.settle_again RETURNING r.account_id
"""


@transaction.atomic
def settle_repayments(*, business_date: date, at: datetime) -> int:
    """
    Settle promises, instalments and waivers from what is left of the repayments up to `business_date`.

    Returns how many accounts have repayments that were corrected or taken back since the last call: there, settled
    promises, ended plans and earned waivers are judged again, and the borrowers are marked for re-evaluation. Called again it changes
    nothing. A constant number of statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_CHANGED, {"on": business_date})
        changed = sorted({row[0] for row in cursor.fetchall()})
    settle_promises(business_date=business_date, at=at, changed_accounts=changed)
    settle_instalments(business_date=business_date, at=at, changed_accounts=changed)
    follow_waivers(business_date=business_date, at=at, changed_accounts=changed)
    if changed:
        borrowers = Account.objects.filter(pk__in=changed).values_list("borrower_id", flat=True)
        mark_for_reevaluation(borrowers=borrowers, at=at)
    return len(changed)

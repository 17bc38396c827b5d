"""Finding borrowers by what somebody typed: exactly, through blind indexes, never by likeness."""

from typing import Any

from django.db.models import Q, QuerySet

from backoffice.core.sealed.sealing import blind_index, normalised
from cases.models import Account, Borrower, BorrowerPhone

# More namesakes than this are no help to anybody; the reader narrows by a number.
MOST = 500


def borrowers_matching(*, text: str, user: Any) -> QuerySet[Borrower]:
    """
    Return the borrowers that `user` may see and that `text` names: a full name, an identity number, a telephone
    number, a borrower's reference or an account number. Nothing for an empty text; no part of a word matches.
    """
    visible = Borrower.objects.visible_to(user)
    if not normalised(text):
        # Nothing but spaces and hyphens: its index is empty, and so is that of everything unknown.
        return visible.none()
    named = Q(external_ref=text.strip()) | Q(name_index=blind_index(text=text, kind="name"))
    named |= Q(id_number_index=blind_index(text=text, kind="id_number"))
    # Three index scans; one OR over joins would read the whole table.
    found = set(visible.filter(named).order_by("pk").values_list("pk", flat=True)[:MOST])
    phones = BorrowerPhone.objects.visible_to(user).filter(number_index=blind_index(text=text, kind="phone"))
    found.update(phones.order_by("pk").values_list("borrower_id", flat=True)[:MOST])
    accounts = Account.objects.visible_to(user).filter(external_ref=text.strip())
    found.update(accounts.values_list("borrower_id", flat=True)[:1])
    return visible.filter(pk__in=found)

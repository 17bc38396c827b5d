"""Finding borrowers by an exact name, number or reference, through blind indexes; never by a part of one."""

from typing import Any

from django.db.models import Q, QuerySet

from backoffice.core.canonical.references import canonical_reference
from backoffice.core.sealed.sealing import blind_index, normalised
from cases.models import Account, Borrower, BorrowerPhone

# A name shared by more borrowers than this is cut off; a number finds the borrower then.
MOST = 500


def borrowers_matching(*, text: str, user: Any) -> QuerySet[Borrower]:
    """
    Return the borrowers that `user` may see and that `text` names.

    `text` is a full name, an identity number, a telephone number, a borrower's reference or an account number. An empty
    text finds nobody; a part of a name or number does not match. Every spelling of a number finds it. At most 500 by name and 500 by telephone.
    """
    visible = Borrower.objects.visible_to(user)
    if not normalised(text):
        # Only spaces and hyphens: the blind index is empty, and so is the index of every unknown name.
        return visible.none()
    reference = canonical_reference(text=text)
    named = Q(external_ref=reference) | Q(name_index=blind_index(text=text, kind="name"))
    named |= Q(id_number_index=blind_index(text=text, kind="id_number"))
    # Three index scans; one OR over joins would read the whole table.
    found = set(visible.filter(named).order_by("pk").values_list("pk", flat=True)[:MOST])
    phones = BorrowerPhone.objects.visible_to(user).filter(number_index=blind_index(text=text, kind="phone"))
    found.update(phones.order_by("pk").values_list("borrower_id", flat=True)[:MOST])
    accounts = Account.objects.visible_to(user).filter(external_ref=reference)
    found.update(accounts.values_list("borrower_id", flat=True)[:1])
    return visible.filter(pk__in=found)

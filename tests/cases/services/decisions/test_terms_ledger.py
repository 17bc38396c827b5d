"""The ledger: the value that SQL computes is the rule's, and what strayed is found."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import AccountTerm, TermsChange, TermsMeasure
from cases.rules.terms import MEASURES_OF_KIND, Standing, effective_value
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.terms_ledger import lock_terms, settle_astray, settle_terms
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue

BASES = {"LIMIT": "60000.00", "RATE": "0.18000", "STATUS": "ACTIVE", "COLLECTION": "NORMAL", "PENALTY": "CHARGED"}
MODES = sorted({(field, mode) for effects in MEASURES_OF_KIND.values() for field, mode in effects})
AMOUNTS = {
    "CAP": st.integers(0, 9_000_000).map(lambda n: Decimal(n) / 100),
    "INCREASE": st.integers(1, 9_000_000).map(lambda n: Decimal(n) / 100),
    "REDUCTION": st.integers(1, 9_000).map(lambda n: Decimal(n) / 100_000),
    "CEILING": st.integers(0, 30_000).map(lambda n: Decimal(n) / 100_000),
}


@st.composite
def measures(draw):
    field, mode = draw(st.sampled_from(MODES))
    amount = draw(AMOUNTS[mode]) if mode in AMOUNTS else None
    return field, mode, amount, draw(st.sampled_from(["stands", "stands", "suspended", "ended"]))


@pytest.mark.django_db
def test_settle_terms_computes_what_the_rule_says(shanghai):
    account = make_overdue(territory=shanghai)
    decisions = [make_decision(account=account, kind="CLOSE", state="REJECTED") for _each in range(8)]
    terms = [(account.pk, field) for field in BASES]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(measures(), max_size=8))
    def check(found):
        with transaction.atomic():
            for decision, (field, mode, amount, state) in zip(decisions, found, strict=False):
                TermsMeasure.objects.create(
                    account=account,
                    decision=decision,
                    field=field,
                    mode=mode,
                    amount=amount,
                    began_at=AT,
                    suspended_at=AT if state == "suspended" else None,
                    ended_at=AT if state == "ended" else None,
                    end_reason="EXPIRED" if state == "ended" else "",
                )
            lock_terms(terms=terms, at=AT)
            settle_terms(terms=terms, causes=(), at=AT)
            effective = dict(AccountTerm.objects.values_list("field", "effective"))
            transaction.set_rollback(True)
        standing = {
            field: [
                Standing(mode=mode, amount=amount or Decimal(0))
                for of, mode, amount, state in found
                if of == field and state == "stands"
            ]
            for field in BASES
        }
        assert effective == {
            field: effective_value(field=field, base=base, standing=standing[field]) for field, base in BASES.items()
        }

    check()


@pytest.mark.django_db
def test_settle_astray_instructs_what_was_written_past_the_door(shanghai, approver):
    account = make_overdue(territory=shanghai)
    approve_decision(
        decision=make_decision(account=account, kind="FREEZE"), actor=approver, at=AT, note="Evidence read"
    )
    assert settle_astray(at=AT) == 0
    TermsMeasure.objects.update(ended_at=AT, end_reason="EXPIRED")

    assert (settle_astray(at=AT), settle_astray(at=AT)) == (1, 0)

    assert TermsChange.objects.latest("version").after == "ACTIVE"


@pytest.mark.django_db(transaction=True)
def test_terms_are_locked_in_the_transaction_of_the_change(shanghai):
    account = make_overdue(territory=shanghai)

    with pytest.raises(RuntimeError):
        lock_terms(terms=[(account.pk, "LIMIT")], at=AT)

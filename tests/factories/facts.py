"""Factory of account facts, as an evaluation run writes them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from cases.models import Account, AccountFacts
from tests.factories.portfolio import TODAY


def make_facts(*, account: Account, business_date: date = TODAY, **fields: Any) -> AccountFacts:
    """Make the facts of one account on a day: the account's own columns, zeros and nulls for the others."""
    values: dict[str, Any] = {
        each.attname: _nothing(each) for each in AccountFacts._meta.concrete_fields if not each.primary_key
    }
    values |= {
        name: getattr(account, name)
        for name in (
            "currency",
            "product",
            "segment",
            "territory_id",
            "status",
            "credit_limit",
            "annual_rate",
            "outstanding_principal",
            "arrears_amount",
            "days_past_due",
        )
    }
    values |= {"account_id": account.pk, "borrower_id": account.borrower_id, "business_date": business_date}
    values["figures_age_days"] = max((business_date - account.as_of).days, 0)
    return AccountFacts.objects.create(**values | fields)


def _nothing(field: Any) -> Any:
    if field.null:
        return None
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.CharField):
        return ""
    return Decimal(0) if isinstance(field, models.DecimalField) else 0

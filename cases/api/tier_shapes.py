"""How the risk tier of an account looks from outside."""

from typing import Any

from rest_framework import serializers

from cases.enums import AssetTier
from cases.models import Account
from cases.selectors.casework.asset_tiers import tier_of


class TierField(serializers.ChoiceField):
    """The tier of the five that counts on the day of an account's figures, read with two queries."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(choices=AssetTier.choices, read_only=True, help_text="The tier that counts on the day `as_of`.")
        super().__init__(**kwargs)

    def get_attribute(self, instance: Account) -> str:
        return tier_of(account=instance).tier.value

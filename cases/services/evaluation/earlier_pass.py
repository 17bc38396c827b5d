"""What an earlier pass of the standing job on the same date did: it counts towards the caps of the next pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from cases.enums import ADVERSE_KINDS, DecisionKind, DecisionOrigin
from cases.models import Decision, PolicyVersion
from cases.rules.policy.body import PolicyRules
from cases.services.evaluation.standing_amounts import WIDE, in_own_currency


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPass:
    """
    The decisions of the standing job on one date for a range of accounts.

    `raised` is the sum of proposed rises of limits in the policy's currency, `rewarded` the number of accounts with a reward that
    was approved under the policy version, and `restricted` the number of proposed restrictions by kind.
    """

    raised: Decimal
    rewarded: int
    restricted: Mapping[str, int]


def earlier_pass(
    *, policy: PolicyRules, version: PolicyVersion, business_date: date, lower: int, upper: int
) -> EarlierPass:
    """Return what the standing job did under a version on a date for the borrowers in [lower, upper). One statement."""
    decisions = Decision.objects.filter(
        borrower_id__gte=lower,
        borrower_id__lt=upper,
        business_date=business_date,
        policy_version=version,
        origin=DecisionOrigin.STANDING,
    )
    more = Cast(KT("terms__limit"), WIDE) - Cast(KT("terms__before"), WIDE)
    rises = in_own_currency(more, policy=policy, currency="account__currency")
    kinds = [str(kind) for kind in ADVERSE_KINDS]
    found = decisions.aggregate(
        raised=Sum(rises, output_field=WIDE, filter=Q(kind=DecisionKind.LIMIT_INCREASE)),
        rewarded=Count("account", distinct=True, filter=Q(approved_under=version)),
        **{kind: Count("pk", filter=Q(kind=kind)) for kind in kinds},
    )
    return EarlierPass(
        raised=found["raised"] or Decimal(0),
        rewarded=found["rewarded"],
        restricted={kind: found[kind] for kind in kinds},
    )

"""The table from verified facts to proposals that a policy version decides by, with its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cases.rules.policy.body import Parameters, PolicyRules, ProposalRow
from cases.rules.policy.default_proposals import DEFAULT_PROPOSALS
from cases.rules.policy.parser import read_parameters
from cases.rules.policy.proposal_parser import read_proposals

_NUMBERS: Final = ("firm_confidence", "plan_offer_days", "plan_first_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalTable:
    """The rows in their order, from which confidence (0..1) a fact is firm, and the offer of a plan (days, share 0..0.10)."""

    rows: tuple[ProposalRow, ...]
    firm_confidence: Decimal
    plan_offer_days: int
    plan_first_share: Decimal


def table_of(policy: PolicyRules) -> ProposalTable:
    """Return the table of a policy; the house's rows for a policy without any."""
    return _table(policy.proposals or HOUSE_ROWS, policy.parameters)


def read_table(body: Any) -> ProposalTable:
    """
    Return the table of a version's body, from its rows and numbers alone; the house's rows and numbers where it has none.

    :raises InvalidInput: if the rows or numbers are not valid, which no saved version is.
    """
    top: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    rows = read_proposals(top["proposals"], "proposals") if "proposals" in top else HOUSE_ROWS
    given = top.get("parameters", {})
    return _table(rows, read_parameters({name: given[name] for name in _NUMBERS if name in given}))


def _table(rows: tuple[ProposalRow, ...], parameters: Parameters) -> ProposalTable:
    return ProposalTable(
        rows=rows,
        firm_confidence=parameters.firm_confidence,
        plan_offer_days=parameters.plan_offer_days,
        plan_first_share=parameters.plan_first_share,
    )


HOUSE_ROWS: Final = read_proposals(DEFAULT_PROPOSALS, "proposals")
HOUSE_TABLE: Final = _table(HOUSE_ROWS, Parameters())

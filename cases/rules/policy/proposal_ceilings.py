"""
The strongest restriction that each finding of a verification allows. No policy may go beyond it.

Restrictions rank as in STRENGTH, from the mildest: a finding that allows one of them allows the milder ones too. A row of the
table must be impossible with every finding that allows less than the row takes (proposal_checks.py proves it over all facts).
House values, drawn from the sources named; the operator's lawyers must confirm them.
"""

from dataclasses import dataclass
from typing import Final

from cases.enums import Certainty, DecisionKind, Verdict
from cases.rules.policy.body import Condition

STRENGTH: Final = (DecisionKind.LIMIT_CUT.value, DecisionKind.FREEZE.value, DecisionKind.LEGAL.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """`strongest` is the strongest restriction that a finding allows, None if nothing may be taken on it. `source` says why."""

    finding: Condition
    strongest: str | None
    source: str

    def allows(self, kind: str) -> bool:
        """Return whether a restriction of that kind may rest on the finding."""
        return self.strongest is not None and STRENGTH.index(kind) <= STRENGTH.index(self.strongest)


def _verdict(section: str, verdict: str, strongest: str | None, source: str) -> Ceiling:
    return Ceiling(finding=Condition(feature=section, op="eq", value=verdict), strongest=strongest, source=source)


_LEGAL: Final = DecisionKind.LEGAL.value
_NOT_SHOWN: Final = "domain notes, list c 13: a doubt is a reason to verify, never a finding"

# Of several findings the one that allows least holds: withheld on purpose takes nothing unless it is firm, and so on.
CEILINGS: Final[tuple[Ceiling, ...]] = (
    _verdict("identity", Verdict.CONFIRMED, _LEGAL, "domain notes 4.3: full disclosure only to the borrower"),
    _verdict("identity", Verdict.DOUBTFUL, None, _NOT_SHOWN),
    _verdict("identity", Verdict.REFUTED, None, "domain notes 4.3, F50: the fraud desk, no collection"),
    _verdict("identity", Verdict.NOT_ESTABLISHED, None, _NOT_SHOWN),
    _verdict("capacity", Verdict.ABLE, _LEGAL, "house rule: nobody is pressed for what they cannot pay"),
    _verdict("capacity", Verdict.PARTLY_ABLE, None, "domain notes 5.3: a plan comes first"),
    _verdict("capacity", Verdict.UNABLE, None, "domain notes 5.3: a pause first"),
    _verdict("capacity", Verdict.NOT_ESTABLISHED, None, _NOT_SHOWN),
    _verdict("capacity_certainty", Certainty.FIRM, _LEGAL, "house rule: 80 % and evidence at least"),
    _verdict("capacity_certainty", Certainty.LIKELY, None, _NOT_SHOWN),
    _verdict("capacity_certainty", Certainty.WEAK, None, _NOT_SHOWN),
    _verdict("cause", Verdict.WILFUL, _LEGAL, "house rule: able, and withheld on purpose"),
    _verdict("cause", Verdict.TEMPORARY, None, "domain notes 5.3: a deferral or a longer term"),
    _verdict("cause", Verdict.FORCE_MAJEURE, None, "domain notes, list c 8: hardship costs nobody anything"),
    _verdict("cause", Verdict.NOT_ESTABLISHED, None, _NOT_SHOWN),
    _verdict("cause_certainty", Certainty.FIRM, _LEGAL, "house rule: 80 % and evidence at least"),
    _verdict("cause_certainty", Certainty.LIKELY, None, _NOT_SHOWN),
    _verdict("cause_certainty", Certainty.WEAK, None, _NOT_SHOWN),
    Ceiling(
        finding=Condition(feature="hardship_told", op="is", value=True),
        strongest=None,
        source="domain notes, list c 8: hardship costs nobody anything",
    ),
)

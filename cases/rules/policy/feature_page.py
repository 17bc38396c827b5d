"""The feature catalogue as Markdown; docs/features.md is this text."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import override

from cases.rules.policy.feature import EVERYWHERE, Feature, Place, Source, Unit
from cases.rules.policy.features import FEATURES, PROTECTED_TRAITS
from cases.rules.policy.tree_parser import OPS
from cases.rules.policy.verified_facts import NEUTRAL_FACTS, VERIFIED_FACTS

_UNITS: Final = {
    Unit.DAYS: "days",
    Unit.COUNT: "number",
    Unit.MONEY: "amount",
    Unit.PERCENT: "per cent",
    Unit.SHARE: "fraction",
    Unit.FLAG: "yes/no",
    Unit.WORD: "word",
}
_SOURCES: Final = {
    Source.ACCOUNT: "The account and its borrower",
    Source.CONTACTS: "Contact attempts of 60 local days, the business date included",
    Source.NUMBERS: "What each telephone number of the borrower answered",
    Source.PROMISES: "Promises to pay of a year",
    Source.SIGNALS: "Open signs that stated facts do not fit",
    Source.FLAGS: "Open circumstances of the borrower",
    Source.STATEMENTS: "Statements of 36 months",
    Source.REPAYMENTS: "Repayments",
    Source.PLANS: "Repayment plans",
    Source.UPGRADES: "Reviews by the risk department",
    Source.VERIFICATIONS: "Verifications of a year",
    Source.STANDING_FACTS: "What verifications established, while it counts",
    Source.ANSWERS: "Signs that were confirmed, while that counts",
    Source.DECISIONS: "Decisions that were approved",
    Source.CASES: "Cases",
}
_HEAD: Final = """# Features

Everything that a policy's rules may look at, and nothing else: one column of the facts of an account and business
date each. Written by `manage.py features --write` from `cases/rules/policy/features.py`; `make check` fails if they differ.

A feature is added in one entry there (name, label, unit, source, SQL expression, what it says) and one column of
`AccountFacts` with its migration; editor, sentences, checks, counts, backtests and this page follow.

- **unknown**: where a value can be unknown it meets no comparison; the negation of the comparison holds for it.
- **places**: the parts of a policy that may name the feature. *protects*: there it may keep a rule from holding, never
  make it hold; in rewards it may do both.
- Amounts are compared in the policy's currency, by the policy's own rates; other thresholds as they stand.
- Not here, and refused by name wherever a policy names them: {traits}.
"""


def feature_page() -> str:
    """Return the whole catalogue as Markdown, grouped by source, in the order of features.py."""
    parts = [_HEAD.format(traits=", ".join(f"`{trait}`" for trait in sorted(PROTECTED_TRAITS)))]
    for source in Source:
        features = [feature for feature in FEATURES.values() if feature.source == source]
        if features:
            parts.append(_section(source, features))
    parts.append(_verified())
    return "\n".join(parts)


def _verified() -> str:
    rows = [
        "## What was verified",
        "",
        "Facts of one verification, for the rows of `proposals` only (docs/policies.md); no column, and no SQL. Of an account a row",
        "may ask `days_past_due`. *neutral*: never decides whether something is taken from a borrower.",
        "",
        "| name | 中文 | English | unit | unknown | places | operators | what it says |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(fact) for fact in VERIFIED_FACTS.values()),
        "",
    ]
    return "\n".join(rows)


def _section(source: Source, features: Iterable[Feature]) -> str:
    rows = [
        f"## {_SOURCES[source]}",
        "",
        "| name | 中文 | English | unit | unknown | places | operators | how it is computed |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(feature) for feature in features),
        "",
        "In SQL:",
        "",
        *(f"- `{feature.name}`: `{feature.expression.replace('%%', '%')}`" for feature in features),
        "",
    ]
    return "\n".join(rows)


def _row(feature: Feature) -> str:
    with override("zh-hans"):
        chinese, chinese_doc = str(feature.label), str(feature.doc)
    with override("en"):
        english, doc = str(feature.label), str(feature.doc)
    return "| {} |".format(
        " | ".join(
            cell.replace("|", "\\|")
            for cell in (
                f"`{feature.name}`",
                chinese,
                english,
                _UNITS[feature.unit],
                "possible" if feature.nullable else "no",
                _places(feature),
                " ".join(f"`{op}`" for op in OPS[feature.unit]) if feature.places else "",
                doc if chinese_doc == doc else f"{doc}<br>{chinese_doc}",
            )
        )
    )


def _places(feature: Feature) -> str:
    if not feature.places:
        return "none"
    places = "all" if feature.places >= EVERYWHERE else ", ".join(p for p in Place if p in feature.places)
    if feature.name in NEUTRAL_FACTS:
        return f"{places}; neutral"
    return f"{places}; protects" if feature.protects else places

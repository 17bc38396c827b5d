"""Data of the policy editor: features with units, operators in words, choices, and the texts of its script."""

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from cases.enums import AccountStatus, DecisionKind, FlagKind, Product
from cases.rules.policy.body import Caps, Parameters
from cases.rules.policy.feature import Feature, Source, Unit
from cases.rules.policy.features import FEATURES, RESTRICTION_KINDS, REWARD_KINDS
from cases.rules.policy.proposal_parser import FLAGS, TABLE_REASONS, TABLE_STEPS, TERMS
from cases.rules.policy.proposal_parser import WAYS_BACK as KIND_WAYS_BACK
from cases.rules.policy.tree_parser import OPS
from cases.rules.policy.verified_facts import FACT_LABELS, FACT_WORDS, VERIFIED_FACTS
from cases.rules.reasons import NEXT_STEPS, REASONS, WAYS_BACK

_ACCOUNT, _CONTACT, _PAYMENT, _PROMISE, _SIGN, _CARE, _DESK, _VERDICT = (
    "account",
    "contact",
    "payment",
    "promise",
    "sign",
    "care",
    "desk",
    "verdict",
)
GROUPS: Final = (
    (_ACCOUNT, _("The account")),
    (_CONTACT, _("Contact")),
    (_PAYMENT, _("Payments and months")),
    (_PROMISE, _("Promises and conduct")),
    (_SIGN, _("Signs and evasion")),
    (_CARE, _("Circumstances that protect")),
    (_DESK, _("Cases and decisions")),
    (_VERDICT, _("What was verified")),
)
_GROUP_OF: Final = {
    Source.CONTACTS: _CONTACT,
    Source.NUMBERS: _CONTACT,
    Source.STATEMENTS: _PAYMENT,
    Source.REPAYMENTS: _PAYMENT,
    Source.PROMISES: _PROMISE,
    Source.VERIFICATIONS: _PROMISE,
    Source.SIGNALS: _SIGN,
    Source.ANSWERS: _SIGN,
    Source.STANDING_FACTS: _VERDICT,
    Source.FLAGS: _CARE,
    Source.PLANS: _CARE,
    Source.UPGRADES: _DESK,
    Source.DECISIONS: _DESK,
    Source.CASES: _DESK,
    Source.VERDICTS: _VERDICT,
}
OP_WORDS: Final = {
    "gte": _("at least"),
    "gt": _("more than"),
    "lte": _("at most"),
    "lt": _("less than"),
    "eq": _("exactly"),
    "is": pgettext_lazy("operator", "is"),
    "ne": _("other than"),
    "in": _("one of"),
    "not_in": _("none of"),
}
UNIT_WORDS: Final = {
    Unit.DAYS: pgettext_lazy("unit", "days"),
    Unit.COUNT: "",
    Unit.PERCENT: "%",
    Unit.SHARE: "%",
    Unit.FLAG: "",
    Unit.WORD: "",
}
TEXTS: Final = {
    "saved": _("Saved."),
    "unsaved": _("Nothing was saved."),
    "unchecked": _("The text could not be checked."),
    "signed_out": _(
        "You are no longer signed in, or your role does not allow this. Sign in in another tab; what you typed stays here."
    ),
    "removed": _("Removed."),
    "rule_removed": _("The rule is removed."),
    "unnamed": _("A rule without a name"),
    "choose": _("Choose ..."),
    "no_json": _("This is not JSON."),
    "form_loses": _(
        "The form cannot show all of this. Mend what is listed as a fault, or undo it, before going back to the form."
    ),
    "between": _("Between {low} and {high}, with 95 % confidence"),
}


def editor_catalogue(*, user: Any, segments: Iterable[str]) -> dict[str, Any]:
    """Return the features that a policy may use, with their texts and choices in the reader's language."""
    return {
        "language": "en" if (get_language() or "").startswith("en") else "zh",
        "groups": [{"key": key, "label": str(label)} for key, label in GROUPS],
        "features": [_feature(each) for each in (*FEATURES.values(), *VERIFIED_FACTS.values()) if each.in_rules],
        "ops": {unit: list(ops) for unit, ops in OPS.items()},
        "choices": _choices(user, segments),
        "kinds": {
            "rewards": [[kind, str(DecisionKind(kind).label)] for kind in REWARD_KINDS],
            "restrictions": [[kind, str(DecisionKind(kind).label)] for kind in RESTRICTION_KINDS],
            "proposals": [[kind, str(DecisionKind(kind).label)] for kind in TERMS],
        },
        "results": _results(),
        "defaults": _defaults(),
    }


def editor_texts() -> dict[str, Any]:
    """Return the texts that the editor's script shows."""
    return {
        **{name: str(text) for name, text in TEXTS.items()},
        "ops": {op: str(words) for op, words in OP_WORDS.items()},
        "units": {unit: str(words) for unit, words in UNIT_WORDS.items()},
    }


def _feature(feature: Feature) -> dict[str, Any]:
    doc = str(feature.doc)
    if feature.nullable:
        doc = f"{doc} {_('Unknown for some accounts; an unknown value meets no condition.')}"
    return {
        "name": feature.name,
        "label": str(feature.label),
        "doc": doc.strip(),
        "unit": feature.unit,
        "places": sorted(feature.places),
        "group": _GROUP_OF.get(feature.source, _ACCOUNT),
        "nullable": feature.nullable,
    }


def _choices(user: Any, segments: Iterable[str]) -> dict[str, list[list[str]]]:
    territories = Territory.objects.visible_to(user).order_by("code", "pk")
    return {
        "product": [[str(code), str(label)] for code, label in Product.choices],
        "status": [[str(code), str(label)] for code, label in AccountStatus.choices],
        "territory": [[territory.code, f"{territory} ({territory.code})"] for territory in territories],
        "segment": [[segment, segment] for segment in segments],
        **{name: [[word, str(FACT_LABELS[name](word).label)] for word in words] for name, words in FACT_WORDS.items()},
    }


def _results() -> dict[str, Any]:
    """Return what a row of proposals may give: terms of each kind, reasons, next steps, ways back and circumstances."""
    return {
        "terms": {kind: [*needed, *extra] for kind, (needed, extra) in TERMS.items()},
        "reasons": [[code, str(REASONS[code])] for code in TABLE_REASONS],
        "steps": [[code, str(NEXT_STEPS[code])] for code in TABLE_STEPS],
        "ways": {kind: [[code, str(WAYS_BACK[code])] for code in codes] for kind, codes in KIND_WAYS_BACK.items()},
        "flags": [[flag, str(FlagKind(flag).label)] for flag in FLAGS],
    }


def _defaults() -> dict[str, str]:
    """Return the default of each setting as the form shows it: shares in percent."""
    parameters, caps = Parameters(), asdict(Caps())
    shown = {
        "grade_a_amount": parameters.grade_a_amount,
        "grade_b_amount": parameters.grade_b_amount,
        "firm_confidence": parameters.firm_confidence * 100,
        "plan_offer_days": Decimal(parameters.plan_offer_days),
        "plan_first_share": parameters.plan_first_share * 100,
    }
    shares = {name: value * 100 for name, value in caps.items() if name != "max_limit_percent" and value is not None}
    days = {
        f"{name}.{priority}": Decimal(number)
        for name in ("sla_days", "visit_days")
        for priority, number in getattr(parameters, name).items()
    }
    every = {**shown, **shares, **days, "max_limit_percent": caps["max_limit_percent"]}
    return {name: f"{Decimal(value).normalize():f}" for name, value in every.items()}

"""Lines of a difference: settings, and conditions of the old rule paired with those of the new one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.rules.policy.body import AllOf, PolicyRules, Tree, features_of
from cases.rules.policy.sentences import points_text, tree_sentence, value_text

_SETTINGS: Final[Mapping[str, str | Promise]] = {
    "parameters.grade_a_amount": gettext_lazy("Grade A from"),
    "parameters.grade_b_amount": gettext_lazy("Grade B from"),
    "parameters.sla_days": gettext_lazy("Taken up within, priority {key}"),
    "parameters.visit_days": gettext_lazy("Visit within, priority {key}"),
    "parameters.max_figures_age_days": gettext_lazy("Figures at most this old"),
    "parameters.firm_confidence": gettext_lazy("A fact is firm from"),
    "parameters.plan_offer_days": gettext_lazy("A plan is offered for"),
    "parameters.plan_first_share": gettext_lazy("First payment of a plan"),
    "caps.max_share_rewarded": gettext_lazy("Largest share rewarded in a night"),
    "caps.max_share_restricted": gettext_lazy("Largest share restricted in a night"),
    "caps.max_exposure_share": gettext_lazy("Largest rise of all limits in a night"),
    "caps.rate_step": gettext_lazy("Largest step of the rate"),
    "caps.rate_max": gettext_lazy("Largest cut of the rate"),
    "caps.max_limit_percent": gettext_lazy("Largest rise of the limit"),
}


class Mark(StrEnum):
    """How a line, a rule or a setting changed."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One condition or setting before and after, in the reader's language, with its paths; empty where it is missing."""

    mark: Mark
    label: str = ""
    old: str = ""
    new: str = ""
    old_path: str = ""
    new_path: str = ""


def settings_lines(old: PolicyRules, new: PolicyRules) -> Iterator[Line]:
    """Yield currency, rates, parameters and caps before and after."""
    yield _line(_("Currency"), old.currency, new.currency, "currency")
    for code in sorted({*old.rates, *new.rates}):
        label = _("Rate of {currency}").format(currency=code)
        yield _line(label, old.rates.get(code), new.rates.get(code), f"rates.{code}")
    for part in ("parameters", "caps"):
        before, after = getattr(old, part), getattr(new, part)
        for each in fields(before):
            path = f"{part}.{each.name}"
            values = getattr(before, each.name), getattr(after, each.name)
            if not isinstance(values[0], Mapping):
                yield _line(_SETTINGS[path], *values, path, policies=(old, new))
                continue
            for key in sorted({*values[0], *values[1]}):
                label = str(_SETTINGS[path]).format(key=key)
                yield _line(label, values[0].get(key), values[1].get(key), f"{path}.{key}", policies=(old, new))


def _line(
    label: str | Promise, old: Any, new: Any, path: str, *, policies: tuple[PolicyRules, PolicyRules] | None = None
) -> Line:
    texts = [
        "" if value is None else (_setting_text(path, value, policies[i]) if policies else _plain_text(value))
        for i, value in enumerate((old, new))
    ]
    mark = Mark.SAME if old == new else Mark.ADDED if old is None else Mark.REMOVED if new is None else Mark.CHANGED
    # An equal number in another currency is a change, which only the texts show.
    mark = Mark.CHANGED if mark == Mark.SAME and texts[0] != texts[1] else mark
    return Line(mark=mark, label=str(label), old=texts[0], new=texts[1], old_path=path, new_path=path)


def _setting_text(path: str, value: Any, policy: PolicyRules) -> str:
    if path.endswith("_amount"):
        return value_text("arrears_amount", value, currency=policy.currency)
    if ".rate_" in path:
        return _("{points} percentage points").format(points=points_text(value))
    if path.endswith("_percent"):
        return value_text("limit_use_percent", value, currency=policy.currency)
    if "_share" in path or path.endswith("_confidence"):
        return value_text("annual_rate", value, currency=policy.currency)
    return value_text("days_past_due", value, currency=policy.currency)


def _plain_text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value.normalize():f}"


def condition_lines(
    one: Tree | None, other: Tree | None, old_path: str, new_path: str, old: PolicyRules, new: PolicyRules
) -> Iterator[Line]:
    """Yield the parts of two trees that must hold, each paired with the old part that it replaces; None is no tree."""
    before, after = _parts(one, old_path, old), _parts(other, new_path, new)
    lines = [_pair(*pair) for pair in _aligned(before, after)]
    if one != other and all(line.mark == Mark.SAME for line in lines):
        # All parts are equal and the trees are not: only the outermost group was added or removed.
        lines = [
            Line(
                mark=Mark.CHANGED,
                old=tree_sentence(one, policy=old) if one else "",
                new=tree_sentence(other, policy=new) if other else "",
                old_path=old_path,
                new_path=new_path,
            )
        ]
    yield from lines


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    path: str
    tree: Tree
    text: str


def _parts(tree: Tree | None, path: str, policy: PolicyRules) -> list[_Part]:
    if tree is None:
        return []
    trees = (
        [(f"{path}.all[{i}]", part) for i, part in enumerate(tree.parts)] if isinstance(tree, AllOf) else [(path, tree)]
    )
    return [_Part(path=at, tree=part, text=tree_sentence(part, policy=policy)) for at, part in trees]


def _aligned(before: Sequence[_Part], after: Sequence[_Part]) -> Iterator[tuple[_Part | None, _Part | None, bool]]:
    """
    Yield pairs of old and new parts, None for a missing one, and whether the part moved among the others.

    Parts pair first if they kept their order, then if they are equal, then if they use the same features.
    """
    stayed = {}
    keys = [[(part.tree, part.text) for part in side] for side in (before, after)]
    for block in SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_matching_blocks():
        stayed.update({block.b + i: block.a + i for i in range(block.size)})
    pairs = dict(stayed)
    for alike in (_is_equal, _is_about_the_same):
        for k, part in enumerate(after):
            if k not in pairs:
                free = (i for i in range(len(before)) if i not in pairs.values() and alike(before[i], part))
                found = next(free, None)
                if found is not None:
                    pairs[k] = found
    gone = [i for i in range(len(before)) if i not in pairs.values()]
    for k, part in enumerate(after):
        i = pairs.get(k)
        while i is not None and gone and gone[0] < i:
            yield before[gone.pop(0)], None, False
        yield (None if i is None else before[i]), part, k not in stayed
    for i in gone:
        yield before[i], None, False


def _is_equal(one: _Part, other: _Part) -> bool:
    return one.tree == other.tree and one.text == other.text


def _is_about_the_same(one: _Part, other: _Part) -> bool:
    return set(features_of(one.tree)) == set(features_of(other.tree))


def _pair(one: _Part | None, other: _Part | None, is_moved: bool) -> Line:
    if one is None or other is None:
        mark = Mark.ADDED if one is None else Mark.REMOVED
    elif not _is_equal(one, other):
        mark = Mark.CHANGED
    else:
        mark = Mark.MOVED if is_moved else Mark.SAME
    return Line(
        mark=mark,
        old=one.text if one else "",
        new=other.text if other else "",
        old_path=one.path if one else "",
        new_path=other.path if other else "",
    )

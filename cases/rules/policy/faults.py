"""
All faults of a policy's body, each with its path, for an editor that shows them together.

`parse_policy` stops at the first fault. So each part of the body is put into a policy that is valid otherwise, and
`parse_policy` reads that: its error is the fault of the part. Both therefore always accept the same bodies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from backoffice.core.errors import InvalidInput
from cases.rules.policy.json_values import MAX_RULES
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.tree_parser import MAX_CONDITIONS, MAX_DEPTH

# Bounds the work for a hostile body, which could have a fault in every byte.
MOST_FAULTS: Final = 100

_LEAF: Final[Mapping[str, Any]] = {"feature": "attempts", "op": "gte", "value": 1}
_TITLE: Final = {"en": "x", "zh": "x"}
_RULE: Final[Mapping[str, Any]] = {"code": "AA", "title": _TITLE, "priority": 1, "needs_visit": True, "when": _LEAF}
_EFFECTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "LIMIT_INCREASE": {"kind": "LIMIT_INCREASE", "percent": 1},
    "RATE_REDUCTION": {"kind": "RATE_REDUCTION", "points": "0.001"},
    "FREEZE": {"kind": "FREEZE", "expires_days": 1},
    "LIMIT_CUT": {"kind": "LIMIT_CUT", "percent": 1, "expires_days": 1},
}
_SECTION_EFFECT: Final = {"rewards": "LIMIT_INCREASE", "restrictions": "FREEZE"}
_TOP: Final[Mapping[str, Any]] = {"currency": "CNY", "rates": {"CNY": "1"}, "gate": _LEAF, "rules": []}
_DAYS: Final = {"1": 1, "2": 1, "3": 1}
_PARAMETERS: Final = ("grade_a_amount", "grade_b_amount")

Put = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: the path of the value (rules[2].when.all[0].value) and what is wrong, in the reader's language."""

    path: str
    message: str


def faults_of(body: Any) -> tuple[Fault, ...]:
    """
    Return the faults of a policy's body in the order of the page, at most MOST_FAULTS; none where `parse_policy` accepts it.
    """
    try:
        parse_policy(body)
    except InvalidInput as first:
        search = _Search(faults={})
        search.body(body)
        found = tuple(search.faults.values())[:MOST_FAULTS]
        return found or (_fault(first, path=first.field),)
    return ()


def _fault(error: InvalidInput, *, path: str) -> Fault:
    return Fault(path=path, message=str(error).removeprefix(f"{error.field}: "))


@dataclass(slots=True, kw_only=True)
class _Search:
    """A walk over a body. `faults` holds the first fault of each path."""

    faults: dict[str, Fault]

    def add(self, fault: Fault) -> None:
        """Keep a fault, unless its path has one already or there are MOST_FAULTS."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.setdefault(fault.path, fault)

    def tried(self, trial: Mapping[str, Any], *, root: str, path: str) -> bool:
        """
        Read a policy that holds one part of the body, and return whether it is valid.

        The part is at `root` of that policy and at `path` of the body; a fault is kept with its path in the body.
        """
        try:
            parse_policy(trial)
        except InvalidInput as error:
            self.add(_fault(error, path=f"{path}{error.field.removeprefix(root)}".removeprefix(".")))
            return False
        return True

    def fields(self, value: Any, stub: Mapping[str, Any], put: Put, *, root: str, path: str) -> None:
        """
        Try each entry of an object alone, with the other entries from `stub`; then all together if each is valid.

        `put` builds a policy that is valid except for the object, which is at `root` there and at `path` of the body.
        """
        if not isinstance(value, Mapping):
            self.tried(put(value), root=root, path=path)
            return
        sound = True
        for name in (*stub, *(name for name in value if name not in stub)):
            if len(self.faults) >= MOST_FAULTS:
                return
            others = {key: other for key, other in stub.items() if key != name}
            trial = {**others, name: value[name]} if name in value else others
            sound = self.tried(put(trial), root=root, path=path) and sound
        if sound:
            self.tried(put(value), root=root, path=path)

    def body(self, body: Any) -> None:
        """Look at every part of a body."""
        if not isinstance(body, Mapping):
            self.tried(body, root="", path="")
            return
        for name in (*_TOP, *(name for name in body if name not in _TOP)):
            if name in ("rules", "rewards", "restrictions") and name in body:
                self.section(name, body[name])
            elif name == "gate" and name in body:
                self.tree(body[name], "gate", put=lambda gate: {**_TOP, "gate": gate}, root="gate")
            elif name == "parameters":
                self.parameters(body[name])
            elif name == "caps":
                self.fields(body[name], {}, lambda caps: {**_TOP, "caps": caps}, root="caps", path="caps")
            elif name == "currency" and name in body:
                # The rate of the policy's own currency is tried with the rates.
                currency = body[name]
                self.tried({**_TOP, "currency": currency, "rates": _own(currency)}, root="", path="")
            elif name == "rates" and name in body:
                self.rates(body[name], body.get("currency"))
            else:
                rest = {key: value for key, value in _TOP.items() if key != name}
                self.tried({**rest, name: body[name]} if name in body else rest, root="", path="")
        self.codes(body)

    def rates(self, value: Any, currency: Any) -> None:
        """Look at each rate alone, then at all together with the policy's own currency."""
        own = currency if isinstance(currency, str) else "CNY"
        if isinstance(value, Mapping):
            for code, rate in value.items():
                if code != own:
                    self.tried({**_TOP, "rates": {"CNY": "1", code: rate}}, root="", path="")
        self.tried({**_TOP, "currency": own, "rates": value}, root="", path="")

    def parameters(self, value: Any) -> None:
        """Look at the days and amounts of the parameters."""
        if isinstance(value, Mapping):
            for name in ("sla_days", "visit_days"):
                if name in value:
                    self.days(name, value[name])
            if "max_figures_age_days" in value:
                alone = {"max_figures_age_days": value["max_figures_age_days"]}
                self.tried({**_TOP, "parameters": alone}, root="", path="")
        # Grade A must not be below grade B: each amount is first tried alone, with the other at the end of its range.
        stub = {"grade_a_amount": "1e11", "grade_b_amount": "0"}
        for name in _PARAMETERS:
            if isinstance(value, Mapping) and name in value:
                self.tried({**_TOP, "parameters": {**stub, name: value[name]}}, root="", path="")
        self.fields(
            value,
            {},
            lambda parameters: {
                **_TOP,
                "parameters": {**stub, **parameters}
                if isinstance(parameters, Mapping) and len(parameters) == 1
                else parameters,
            },
            root="parameters",
            path="parameters",
        )

    def days(self, name: str, value: Any) -> None:
        """Look at the days by priority of one parameter."""
        path = f"parameters.{name}"
        self.fields(value, _DAYS, lambda days: {**_TOP, "parameters": {name: days}}, root=path, path=path)

    def section(self, name: str, value: Any) -> None:
        """Look at a list of rules, at most MAX_RULES of them."""
        if not isinstance(value, list):
            self.tried({**_TOP, name: value}, root="", path="")
            return
        if len(value) > MAX_RULES:
            self.tried({**_TOP, name: [None] * len(value)}, root="", path="")
        for index, item in enumerate(value[:MAX_RULES]):
            self.item(name, item, f"{name}[{index}]")

    def item(self, name: str, item: Any, path: str) -> None:
        """Look at one rule: title, conditions and effect apart, then the rest."""

        def put(entry: Any) -> Mapping[str, Any]:
            return {**_TOP, name: [entry]}

        root = f"{name}[0]"
        stub: dict[str, Any] = dict(_RULE)
        if name in _SECTION_EFFECT:
            stub = {key: stub[key] for key in ("code", "title", "when")}
            stub["effect"] = _EFFECTS[_SECTION_EFFECT[name]]
        if not isinstance(item, Mapping):
            self.tried(put(item), root=root, path=path)
            return
        plain = dict(item)
        if "title" in item:
            plain["title"] = _TITLE
            self.fields(
                item["title"],
                _TITLE,
                lambda title: put(stub | {"title": title}),
                root=f"{root}.title",
                path=f"{path}.title",
            )
        if "when" in item:
            plain["when"] = _LEAF
            self.tree(item["when"], f"{path}.when", put=lambda when: put(stub | {"when": when}), root=f"{root}.when")
        if "effect" in item and "effect" in stub:
            plain["effect"] = stub["effect"]
            effect = item["effect"]
            kind = effect.get("kind") if isinstance(effect, Mapping) else None
            self.fields(
                effect,
                _EFFECTS.get(kind, stub["effect"]) if isinstance(kind, str) else stub["effect"],
                lambda effect: put(stub | {"effect": effect}),
                root=f"{root}.effect",
                path=f"{path}.effect",
            )
        self.fields(plain, stub, put, root=root, path=path)

    def codes(self, body: Mapping[str, Any]) -> None:
        """Keep a fault for each code that an earlier rule of any section has."""
        seen: set[str] = set()
        for name in ("rules", "rewards", "restrictions"):
            items = body.get(name)
            for index, item in enumerate(items[:MAX_RULES] if isinstance(items, list) else ()):
                code = item.get("code") if isinstance(item, Mapping) else None
                if isinstance(code, str):
                    if code in seen:
                        self.add(Fault(path=f"{name}[{index}].code", message=_("This code is used twice.")))
                    seen.add(code)

    def tree(self, value: Any, path: str, *, put: Put, root: str) -> None:
        """Look at the tree at `path`; `put` builds a policy that is valid except for a tree, which is at `root` there."""
        walk = _TreeWalk(search=self, put=put, root=root)
        if walk.node(value, path, depth=1, negated=False) > MAX_CONDITIONS:
            most = _("At most {most} conditions are allowed here.").format(most=MAX_CONDITIONS)
            self.add(Fault(path=path, message=most))


@dataclass(frozen=True, slots=True, kw_only=True)
class _TreeWalk:
    """A walk down one tree. Which conditions are allowed depends on the part of the policy and on negations above."""

    search: _Search
    put: Put
    root: str

    def node(self, value: Any, path: str, *, depth: int, negated: bool) -> int:
        """Look at a node and all nodes below it; return the number of comparisons."""
        if depth > MAX_DEPTH:
            deep = _("Conditions may be nested {most} deep.").format(most=MAX_DEPTH)
            self.search.add(Fault(path=path, message=deep))
            return 0
        word = next((w for w in ("all", "any", "not") if isinstance(value, Mapping) and w in value), None)
        if word is None:
            self.alone({"not": value} if negated else value, path, below=".not" if negated else "")
            return 1
        parts = value[word]
        if word == "not":
            self.alone({**value, "not": _LEAF}, path)
            return self.node(parts, f"{path}.not", depth=depth + 1, negated=not negated)
        self.alone({**value, word: [_LEAF] * len(parts) if isinstance(parts, list) else parts}, path)
        children = parts[:MAX_CONDITIONS] if isinstance(parts, list) else []
        return sum(
            self.node(child, f"{path}.{word}[{i}]", depth=depth + 1, negated=negated)
            for i, child in enumerate(children)
        )

    def alone(self, node: Any, path: str, *, below: str = "") -> None:
        """Try one node without its parts."""
        self.search.tried(self.put(node), root=f"{self.root}{below}", path=path)


def _own(currency: Any) -> Mapping[str, str]:
    return {currency: "1"} if isinstance(currency, str) else {"CNY": "1"}

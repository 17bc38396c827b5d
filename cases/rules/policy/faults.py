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
from cases.rules.policy.placed_rules import SECTIONS
from cases.rules.policy.sample_parts import (
    AMOUNTS,
    DAYS,
    DECISIONS,
    EFFECTS,
    LEAF,
    RESULT,
    TAKEN,
    TITLE,
    TOP,
    sample_rule,
)
from cases.rules.policy.tree_parser import MAX_CONDITIONS, MAX_DEPTH

# Bounds the work for a hostile body, which could have a fault in every byte.
MOST_FAULTS: Final = 100

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
        for name in (*TOP, *(name for name in body if name not in TOP)):
            if name in SECTIONS and name in body:
                self.section(name, body[name])
            elif name == "gate" and name in body:
                self.tree(body[name], "gate", put=lambda gate: {**TOP, "gate": gate}, root="gate")
            elif name == "parameters":
                self.parameters(body[name])
            elif name == "caps":
                self.fields(body[name], {}, lambda caps: {**TOP, "caps": caps}, root="caps", path="caps")
            elif name == "currency" and name in body:
                # The rate of the policy's own currency is tried with the rates.
                currency = body[name]
                self.tried({**TOP, "currency": currency, "rates": _own(currency)}, root="", path="")
            elif name == "rates" and name in body:
                self.rates(body[name], body.get("currency"))
            else:
                rest = {key: value for key, value in TOP.items() if key != name}
                self.tried({**rest, name: body[name]} if name in body else rest, root="", path="")
        self.codes(body)

    def rates(self, value: Any, currency: Any) -> None:
        """Look at each rate alone, then at all together with the policy's own currency."""
        own = currency if isinstance(currency, str) else "CNY"
        if isinstance(value, Mapping):
            for code, rate in value.items():
                if code != own:
                    self.tried({**TOP, "rates": {"CNY": "1", code: rate}}, root="", path="")
        self.tried({**TOP, "currency": own, "rates": value}, root="", path="")

    def parameters(self, value: Any) -> None:
        """Look at the days and amounts of the parameters."""
        if isinstance(value, Mapping):
            for name in ("sla_days", "visit_days"):
                if name in value:
                    self.days(name, value[name])
            if "max_figures_age_days" in value:
                alone = {"max_figures_age_days": value["max_figures_age_days"]}
                self.tried({**TOP, "parameters": alone}, root="", path="")
        # Grade A must not be below grade B: each amount is first tried alone, with the other at the end of its range.
        stub = {"grade_a_amount": "1e11", "grade_b_amount": "0"}
        for name in AMOUNTS:
            if isinstance(value, Mapping) and name in value:
                self.tried({**TOP, "parameters": {**stub, name: value[name]}}, root="", path="")
        self.fields(
            value,
            {},
            lambda parameters: {
                **TOP,
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
        self.fields(value, DAYS, lambda days: {**TOP, "parameters": {name: days}}, root=path, path=path)

    def section(self, name: str, value: Any) -> None:
        """Look at a list of rules, at most MAX_RULES of them."""
        if not isinstance(value, list):
            self.tried({**TOP, name: value}, root="", path="")
            return
        if len(value) > MAX_RULES:
            self.tried({**TOP, name: [None] * len(value)}, root="", path="")
        for index, item in enumerate(value[:MAX_RULES]):
            self.item(name, item, f"{name}[{index}]")

    def item(self, name: str, item: Any, path: str) -> None:
        """Look at one rule: title, conditions and effect apart, then the rest."""

        def put(entry: Any) -> Mapping[str, Any]:
            return {**TOP, name: [entry]}

        root = f"{name}[0]"
        stub = sample_rule(name)
        if not isinstance(item, Mapping):
            self.tried(put(item), root=root, path=path)
            return
        plain = dict(item)
        if "title" in item:
            plain["title"] = TITLE
            self.fields(
                item["title"],
                TITLE,
                lambda title: put(stub | {"title": title}),
                root=f"{root}.title",
                path=f"{path}.title",
            )
        if "when" in item:
            plain["when"] = LEAF
            self.tree(item["when"], f"{path}.when", put=lambda when: put(stub | {"when": when}), root=f"{root}.when")
        if "effect" in item and "effect" in stub:
            plain["effect"] = stub["effect"]
            effect = item["effect"]
            kind = effect.get("kind") if isinstance(effect, Mapping) else None
            self.fields(
                effect,
                EFFECTS.get(kind, stub["effect"]) if isinstance(kind, str) else stub["effect"],
                lambda effect: put(stub | {"effect": effect}),
                root=f"{root}.effect",
                path=f"{path}.effect",
            )
        if "result" in item and "result" in stub:
            plain["result"] = stub["result"]
            self.result(
                item["result"], lambda result: put(stub | {"result": result}), f"{root}.result", f"{path}.result"
            )
        self.fields(plain, stub, put, root=root, path=path)

    def result(self, value: Any, put: Put, root: str, path: str) -> None:
        """Look at what a row of proposals gives: each decision alone, then the rest."""
        decisions = value.get("decisions") if isinstance(value, Mapping) else None
        if isinstance(value, Mapping) and "reasons" in value:
            self.tried(put({**RESULT, "reasons": value["reasons"]}), root=root, path=path)
        sound = True
        for index, item in enumerate(decisions[:MAX_RULES] if isinstance(decisions, list) else ()):
            here = f"{path}.decisions[{index}]"
            kind = item.get("kind") if isinstance(item, Mapping) else None
            stub = DECISIONS.get(kind, DECISIONS["GRACE"]) if isinstance(kind, str) else DECISIONS["GRACE"]
            before = len(self.faults)
            self.fields(
                item, stub, lambda one: put({**TAKEN, "decisions": [one]}), root=f"{root}.decisions[0]", path=here
            )
            sound = sound and len(self.faults) == before
        if sound:
            self.tried(put(value), root=root, path=path)

    def codes(self, body: Mapping[str, Any]) -> None:
        """Keep a fault for each code that an earlier rule of any section has."""
        seen: set[str] = set()
        for name in SECTIONS:
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
            self.alone({**value, "not": LEAF}, path)
            return self.node(parts, f"{path}.not", depth=depth + 1, negated=not negated)
        self.alone({**value, word: [LEAF] * len(parts) if isinstance(parts, list) else parts}, path)
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

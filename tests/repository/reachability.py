"""Which functions and classes of the product no door reaches.

`python -m tests.repository.reachability` prints them and fails unless they are exactly those of NOT_WIRED.

Doors are the modules that a framework calls: admin, API, public pages, tasks, commands, migrations, models, wiring and
settings. From their code the search follows names through imports, module attributes and dotted texts (`"cases.tasks.x"`),
from definition to definition. What only tests call, and what only such code calls, is not reached. Methods count with
their class. Names are resolved by their imports, so two functions of the same name in two modules are told apart.
"""

import ast
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("backoffice", "cases", "visits", "reports")
# Rooms whose definitions must be reached.
CHECKED = re.compile(
    r"^(?:cases|visits|reports)\.(?:services|selectors|rules)\b|^backoffice\.(?:core|access|audit|outbox|translation)\b"
)
DOOR = re.compile(
    r"\.(?:admin|api|public|management|migrations|models|enums|apps|templatetags|tasks)(?:\.|$)"
    r"|^backoffice\.(?:wiring|demo|bench|embedded|settings|celery|asgi|wsgi)\b"
)
# The demo and the benches drive the product; what only they call is not wired.
NO_DOOR = re.compile(r"^backoffice\.(?:demo|bench)\b")
DOTTED = re.compile(r"^[a-z_]+(?:\.[A-Za-z_]\w*)+$")

# Declared and not wired yet, each with its reason. This list may only shrink.
NOT_WIRED: dict[str, str] = {
    "backoffice.audit.checkpoints.public_key": "for a verifier outside the program, which has no command yet",
    "cases.rules.policy.conditions.rule_q": "tests compare the SQL of rules with this expression of one rule",
    "cases.selectors.policies.versions.scheduled_versions": "the list of versions to come has no page of its own yet",
    "cases.selectors.policies.versions.terms_of": "the terms of one version are shown by the admin inline; no API lists them yet",
    "cases.services.evaluation.standing.evaluate_range": "preview and apply in one call: single borrowers get standing with decisions as measures",
    "cases.services.trials.backtest.backtest": "a backtest inside the process: the bench measures it; doors queue a trial instead",
    "cases.services.trials.fact_ranges.ranges": "used by the backtest inside the process",
    "visits.selectors.least_view.LeastView": "what a crew member may see, for the page of the crew's telephone",
    "visits.selectors.least_view.least_view": "what a crew member may see, for the page of the crew's telephone",
}

Definition = tuple[str, str]


@dataclass(slots=True)
class Module:
    """One source file: imports by local name, definitions, code that runs on import, definitions that register themselves."""

    name: str
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    definitions: dict[str, ast.AST] = field(default_factory=dict)
    on_import: list[ast.AST] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)


def modules() -> dict[str, Module]:
    """Return every module of the product by its dotted name."""
    found = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = _read(name, ast.parse(path.read_text(encoding="utf-8")))
    return found


def unreached() -> list[str]:
    """Return `module.name` of each checked definition that no door reaches, sorted."""
    known = modules()
    seen: set[Definition] = set()
    waiting: deque[Definition] = deque()

    def reach(found: Definition) -> None:
        if found not in seen:
            seen.add(found)
            waiting.append(found)

    for module in known.values():
        if DOOR.search(module.name) and not NO_DOOR.search(module.name):
            reach((module.name, ""))
            for name in module.definitions:
                reach((module.name, name))
    while waiting:
        name, definition = waiting.popleft()
        module = known[name]
        if not definition:
            for registered in module.registered:
                reach((name, registered))
        for node in [module.definitions[definition]] if definition else module.on_import:
            for found in _named(node, module, known):
                reach((found[0], ""))
                if found[1]:
                    reach(found)
    return sorted(
        f"{module.name}.{name}"
        for module in known.values()
        if CHECKED.search(module.name) and not DOOR.search(module.name)
        for name in module.definitions
        if (module.name, name) not in seen
    )


def _read(name: str, tree: ast.Module) -> Module:
    module = Module(name=name)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                module.imports[each.asname or each.name] = (node.module, each.name)
        elif isinstance(node, ast.Import):
            for each in node.names:
                module.imports[each.asname or each.name.split(".")[0]] = (
                    each.name if each.asname else each.name.split(".")[0],
                    "",
                )
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            module.definitions[node.name] = node
            module.on_import += node.decorator_list
            if _registers_itself(node):
                module.registered.append(node.name)
        else:
            module.on_import.append(node)
    return module


def _registers_itself(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Return whether a framework finds a definition once its module is imported: `@register(...)`, or an extension's subclass."""
    marks = [getattr(each, "func", each) for each in node.decorator_list]
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    names = [getattr(each, "attr", getattr(each, "id", "")) for each in (*marks, *bases)]
    return any(name == "register" or name.endswith(("Extension", "Scheme")) for name in names)


def _named(node: ast.AST, module: Module, known: dict[str, Module]) -> Iterator[Definition]:
    """Yield each definition (or module, with an empty name) that the code below `node` names."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield from _resolved(module.name, part.id, known)
        elif isinstance(part, ast.Attribute):
            dotted = _dotted(part)
            if dotted:
                head, *rest = dotted
                yield from _followed(module.name, head, rest, known)
        elif isinstance(part, ast.ImportFrom) and part.module:
            for each in part.names:
                if part.module in known or f"{part.module}.{each.name}" in known:
                    yield (
                        (f"{part.module}.{each.name}", "")
                        if f"{part.module}.{each.name}" in known
                        else (part.module, "")
                    )
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and DOTTED.match(part.value):
            where, _dot, name = part.value.rpartition(".")
            if part.value in known:
                yield part.value, ""
            elif where in known and name in known[where].definitions:
                yield where, name


def _resolved(where: str, name: str, known: dict[str, Module]) -> Iterator[Definition]:
    """Yield the definition that `name` means in module `where`, through imports and re-exports."""
    for _step in range(10):
        module = known.get(where)
        if module is None:
            return
        if name in module.definitions:
            yield where, name
            return
        if name not in module.imports:
            return
        origin, original = module.imports[name]
        if original and f"{origin}.{original}" in known:
            yield f"{origin}.{original}", ""
            return
        if origin in known:
            yield origin, ""
        where, name = origin, original


def _followed(where: str, head: str, rest: list[str], known: dict[str, Module]) -> Iterator[Definition]:
    """Yield what `head.rest` means: an attribute of an imported module."""
    imported = known[where].imports.get(head)
    if imported is None:
        return
    dotted = f"{imported[0]}.{imported[1]}" if imported[1] else imported[0]
    for each in rest:
        if dotted in known:
            if f"{dotted}.{each}" not in known:
                yield from _resolved(dotted, each, known)
                return
            dotted = f"{dotted}.{each}"


def _dotted(node: ast.Attribute) -> list[str] | None:
    parts: list[str] = []
    current: ast.AST = node
    while isinstance(current, ast.Attribute):
        parts.append(current.attr)
        current = current.value
    if isinstance(current, ast.Name):
        return [current.id, *reversed(parts)]
    return None


def main() -> int:
    """Print what differs from the list and return the exit status."""
    found = unreached()
    forgotten = [name for name in found if _entry_of(name) not in NOT_WIRED]
    settled = sorted(set(NOT_WIRED) - {_entry_of(name) for name in found})
    for name in forgotten:
        print(f"no door reaches {name}: call it from a door, or delete it")  # noqa: T201
    for name in settled:
        print(f"{name} is reached now, or gone: take it off NOT_WIRED")  # noqa: T201
    return int(bool(forgotten or settled))


def _entry_of(name: str) -> str:
    """Return the entry of NOT_WIRED that covers a definition: its own, or `module.*` for a whole module."""
    whole = f"{name.rpartition('.')[0]}.*"
    return whole if whole in NOT_WIRED else name


if __name__ == "__main__":
    sys.exit(main())

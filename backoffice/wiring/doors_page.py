"""docs/doors.md: the functions through which pages, REST, tasks, commands and other floors write."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FLOORS = ("cases", "visits", "reports")
# Whose calls count: everything that is no service of the same floor.
CALLERS = ("backoffice", "cases", "visits", "reports")
INTRODUCTION = """\
# Doors

Every function of the services that is called from outside the services of its floor: by pages, REST, tasks, commands, or a
floor above. Written by `manage.py doors --write` from the code; `make check` fails if they differ. Arguments after `*` are
given by name. docs/architecture.md explains floors and rooms.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One function of the services: where it is, how it is called, and what it does."""

    module: str
    signature: str
    summary: str


def doors_page(*, root: Path) -> str:
    """Return the text of docs/doors.md for the program in `root`."""
    called = _called_from_outside(root=root)
    lines = [INTRODUCTION]
    for floor in FLOORS:
        lines.append(f"## {floor}\n")
        for module, doors in _doors_by_module(root=root, floor=floor, called=called).items():
            lines.append(f"`{module}`\n")
            lines += [f"- `{door.signature}` - {door.summary}" for door in doors]
            lines.append("")
    return "\n".join(lines)


def _doors_by_module(*, root: Path, floor: str, called: set[tuple[str, str]]) -> dict[str, list[Door]]:
    found: dict[str, list[Door]] = {}
    for path in sorted((root / floor / "services").rglob("*.py")):
        module = _module_name(path=path, root=root)
        doors = [
            Door(module=module, signature=signature_of(function), summary=_summary(function))
            for function in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(function, ast.FunctionDef) and (module, function.name) in called
        ]
        if doors:
            found[module] = doors
    return found


def signature_of(function: ast.FunctionDef) -> str:
    """Return a function's name with the names and defaults of its arguments and what it returns, without their types."""
    given = function.args
    words = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    for position, default in enumerate(reversed(given.defaults), start=1):
        words[-position] += f"={ast.unparse(default)}"
    if given.vararg:
        words.append(f"*{given.vararg.arg}")
    elif given.kwonlyargs:
        words.append("*")
    for argument, by_default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        words.append(argument.arg if by_default is None else f"{argument.arg}={ast.unparse(by_default)}")
    if given.kwarg:
        words.append(f"**{given.kwarg.arg}")
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return f"{function.name}({', '.join(words)}){returned}"


def _summary(function: ast.FunctionDef) -> str:
    """Return the first sentence of the docstring on one line."""
    text = " ".join((ast.get_docstring(function) or "").split("\n\n")[0].split())
    return text.split(" :raises")[0] or "(no docstring)"


def _called_from_outside(*, root: Path) -> set[tuple[str, str]]:
    """Return (module, function) of each service that code outside the services of its floor names."""
    called: set[tuple[str, str]] = set()
    for caller in CALLERS:
        for path in (root / caller).rglob("*.py"):
            own_floor = path.relative_to(root).parts[0]
            is_service = path.relative_to(root).parts[1] == "services"
            for module, name in _service_names(ast.parse(path.read_text(encoding="utf-8"))):
                if not (is_service and module.split(".")[0] == own_floor):
                    called.add((module, name))
    return called


def _service_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of what a file takes from services: imported by name, or as an attribute of the module."""
    modules: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and ".services" in f".{node.module}":
            for alias in node.names:
                yield node.module, alias.name
                modules[alias.asname or alias.name].add(f"{node.module}.{alias.name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            for module in modules.get(node.value.id, ()):
                yield module, node.attr


def _module_name(*, path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)

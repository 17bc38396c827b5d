"""
Sums of columns in a profile: `compute = "{本金} + {利息} - {已还}"`.

A closed grammar: columns in braces, numbers, + - * / with brackets, min and max. Nothing of a file is ever run.
"""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Final

MOST_CHARACTERS: Final = 500
_COLUMN: Final = re.compile(r"\{([^{}]*)\}")
_OPERATORS: Final[dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
_FUNCTIONS: Final[dict[str, Callable[..., Decimal]]] = {"min": min, "max": max}

Evaluate = Callable[[Mapping[str, Decimal]], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """A checked sum of columns: the columns in their order, and the function from their numbers to the result."""

    columns: tuple[str, ...]
    evaluate: Callable[[Sequence[Decimal]], Decimal]


def parse_computation(*, text: str) -> Computation:
    """
    Return the sum that `text` describes; the numbers of its columns are Decimals.

    :raises ValueError: if it is not of the grammar, or names no column.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError("too long")
    columns: dict[str, str] = {}

    def placeholder(found: re.Match[str]) -> str:
        if not found[1].strip():
            raise ValueError("a column without a name")
        return " " + columns.setdefault(found[1], f"c{len(columns)}") + " "

    if re.search(r"[A-Za-z_]\w*", _COLUMN.sub("", text).replace("min", "").replace("max", "")):
        raise ValueError("a name outside of braces")
    try:
        tree = ast.parse(_COLUMN.sub(placeholder, text).strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError("no sum") from None
    if not columns:
        raise ValueError("no column")
    run = _compiled(tree.body)
    names = tuple(columns.values())
    return Computation(columns=tuple(columns), evaluate=lambda numbers: run(dict(zip(names, numbers, strict=True))))


def computed(*, computation: Computation, numbers: Sequence[Decimal]) -> Decimal | None:
    """Return the result for the numbers of the columns; None where it divides by zero or is no number."""
    try:
        result = computation.evaluate(numbers)
    except (DivisionByZero, InvalidOperation):
        return None
    return result if result.is_finite() else None


def _compiled(node: ast.expr) -> Evaluate:
    """Return the function of one node of the expression; any node outside of the grammar is refused."""
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            number = Decimal(str(value))
            return lambda values: number
        case ast.Name(id=name):
            return lambda values: values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compiled(operand)
            return lambda values: -inner(values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            first, second, apply = _compiled(left), _compiled(right), _OPERATORS[type(op)]
            return lambda values: apply(first(values), second(values))
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as args, keywords=[]) if name in _FUNCTIONS:
            parts, function = [_compiled(arg) for arg in args], _FUNCTIONS[name]
            return lambda values: function(*(part(values) for part in parts))
    raise ValueError("not of the grammar")

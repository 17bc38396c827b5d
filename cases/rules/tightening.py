"""
Limits that an operator may only tighten.

Each field of a policy says in its annotation which change makes it stricter. None is no limit: setting one tightens,
taking it away loosens.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar, get_type_hints

Policy = TypeVar("Policy")


class Tighter(StrEnum):
    """Which change of a limit makes it stricter; FREE limits nothing (a version's name)."""

    LOWER = "LOWER"
    HIGHER = "HIGHER"
    FIXED = "FIXED"
    FREE = "FREE"


LOWER: Final = Tighter.LOWER
HIGHER: Final = Tighter.HIGHER
FIXED: Final = Tighter.FIXED
FREE: Final = Tighter.FREE


class PolicyLoosened(ValueError):
    """An operator's change would loosen a shipped limit."""


def tighter_ways(policy: type) -> Mapping[str, Tighter]:
    """Return, for each field of a policy's class, which change makes it stricter."""
    hints = get_type_hints(policy, include_extras=True)
    return MappingProxyType({name: hint.__metadata__[0] for name, hint in hints.items()})


def loosened_fields(*, base: Any, changed: Any) -> tuple[str, ...]:
    """Return the names of the fields in which `changed` is looser than `base`, in field order."""
    return tuple(
        name
        for name, way in tighter_ways(type(base)).items()
        if _is_looser(old=getattr(base, name), new=getattr(changed, name), way=way)
    )


def tightened(base: Policy, **changes: Any) -> Policy:
    """
    Return `base` with an operator's stricter limits.

    :raises PolicyLoosened: if any change is looser than `base`, or touches a fixed field.
    :raises TypeError: if a name is not a limit.
    :raises ValueError: if the result contradicts itself.
    """
    changed: Policy = replace(base, **changes)  # type: ignore[type-var]
    looser = loosened_fields(base=base, changed=changed)
    if looser:
        raise PolicyLoosened(", ".join(looser))
    return changed


def _is_looser(*, old: Any, new: Any, way: Tighter) -> bool:
    if way is FREE or old == new:
        return False
    if way is FIXED:
        return True
    if old is None or new is None:
        return new is None
    return bool(new > old) if way is LOWER else bool(new < old)

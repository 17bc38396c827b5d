"""One door per status: a table of transitions and one guarded UPDATE that carries them out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from backoffice.core.errors import NotAllowed, StateConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A named step of a lifecycle. `permission` is what a person needs; the system needs none."""

    action: str
    sources: frozenset[str]
    target: str
    permission: str
    label: str | Promise
    adverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """All steps of one kind of record. The same table drives admin buttons, API actions, docs and tests."""

    name: str
    field: str
    transitions: tuple[Transition, ...]

    def step(self, action: str) -> Transition:
        """Return the step called `action`. :raises KeyError: if the lifecycle has none of that name."""
        for transition in self.transitions:
            if transition.action == action:
                return transition
        raise KeyError(f"{self.name} has no action {action!r}")

    def open_to(self, *, user: Any, state: str) -> tuple[Transition, ...]:
        """Return the steps that lead on from `state` and that `user` holds the permission for."""
        return tuple(t for t in self.transitions if state in t.sources and user.has_perm(t.permission))


def may(*, actor: Any, permission: str) -> None:
    """
    Pass if `actor` holds `permission`; None is the system itself and needs none.

    :raises NotAllowed: if the person's role does not hold it.
    """
    if actor is not None and not actor.has_perm(permission):
        raise NotAllowed


def move(*, record: Model, lifecycle: Lifecycle, action: str, actor: Any, at: datetime, **changes: Any) -> Transition:
    """
    Move one record a step on with a guarded UPDATE and bring the instance up to date.

    `changes` are written in the same statement. Must run inside a transaction, so that the caller's
    event and audit rows stand or fall with it.

    :raises NotAllowed: if the actor lacks the step's permission.
    :raises StateConflict: if the row is not in one of the step's sources (second caller loses).
    """
    step = lifecycle.step(action)
    may(actor=actor, permission=step.permission)
    rows = type(record)._default_manager.filter(pk=record.pk)
    moved = move_all(rows=rows, lifecycle=lifecycle, action=action, at=at, **changes)
    if moved != 1:
        raise StateConflict
    setattr(record, lifecycle.field, step.target)
    for name, value in {"updated_at": at, **changes}.items():
        setattr(record, name, value)
    return step


def move_all(*, rows: QuerySet[Any], lifecycle: Lifecycle, action: str, at: datetime, **changes: Any) -> int:
    """
    Move every row of `rows` that stands in one of the step's sources; return how many moved.

    For set-based work; the caller writes the events of the moved rows in the same transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A status moves only inside a transaction.")
    step = lifecycle.step(action)
    return rows.filter(**{f"{lifecycle.field}__in": step.sources}).update(
        **{lifecycle.field: step.target, "updated_at": at}, **changes
    )

"""Who may start, pause, cancel or release a run: a run judges the borrowers of every territory."""

from typing import Any

from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may


def may_control_runs(*, actor: Any, permission: str) -> None:
    """
    Pass if the actor holds `permission` and may act on every territory; None is the system itself.

    :raises NotAllowed: if the role does not hold the permission, or the person is limited to some territories.
    """
    may(actor=actor, permission=permission)
    must_act_everywhere(actor=actor)

"""One definition of "may see": `Model.objects.visible_to(user)`, used by the admin, the API and selectors."""

from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import NotAllowed
from backoffice.core.reach import Reach

M = TypeVar("M", bound=Model)

NOTHING = Q(pk__in=())


class ScopedQuerySet(QuerySet[M]):
    """
    A queryset that limits rows to what a person may see. Deny by default.

    `territory_path` is the lookup from the row to its territory; empty means that people of a
    territory see none of these rows. Floors with other kinds of people (an agency's) override
    `scope_for` and fall back to this one.
    """

    territory_path: ClassVar[str] = ""

    def visible_to(self, user: Any) -> Self:
        """Return the rows that `user` may see; none for anonymous, inactive or unknown people."""
        if user is None or isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        return self.filter(self.scope_for(user))

    def scope_for(self, user: Any) -> Q:
        """Return the condition that limits rows to what `user` may see."""
        if user.reach == Reach.ALL:
            return Q()
        if user.reach == Reach.TERRITORY and self.territory_path:
            return Q(**{f"{self.territory_path}__in": user.territory_ids})
        return NOTHING


class ReferenceQuerySet(ScopedQuerySet[M]):
    """Rows of configuration that every person inside the lender may read (policies, cost rates)."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for the lender's own people, nothing for outside firms."""
        if user.reach in (Reach.ALL, Reach.TERRITORY, Reach.CONFIGURATION):
            return Q()
        return NOTHING


def acts_everywhere(*, user: Any) -> bool:
    """
    Return whether `user` may act on what holds for every territory at once, such as a policy or an evaluation run.

    True for the system (None), for roles whose reach is everything or the configuration, and for people of all
    territories. Somebody whose territories are listed one by one acts in those only. This asks no permission:
    callers ask for that as well.
    """
    return user is None or (user.is_active and user.reach in (Reach.ALL, Reach.CONFIGURATION))


def acts_in(*, user: Any, territory_id: int | None) -> bool:
    """
    Return whether `user` may act on what holds for one territory; None is what holds for all of them.

    True for whoever `acts_everywhere`, and for people whose own territories include this one.
    """
    if acts_everywhere(user=user):
        return True
    is_limited = user.is_active and user.reach == Reach.TERRITORY
    return is_limited and territory_id is not None and territory_id in user.territory_ids


def must_act_everywhere(*, actor: Any) -> None:
    """
    Pass if `actor` may act on what holds for every territory at once.

    :raises NotAllowed: if their role or their territories limit them to a part.
    """
    if not acts_everywhere(user=actor):
        raise NotAllowed(_("This concerns every territory; only a person of all territories may do it."))


def must_act_in(*, actor: Any, territory_id: int | None) -> None:
    """
    Pass if `actor` may act on what holds for one territory; None is what holds for all of them.

    :raises NotAllowed: if it is not one of the actor's territories.
    """
    if not acts_in(user=actor, territory_id=territory_id):
        raise NotAllowed(_("This concerns a territory that is not yours."))

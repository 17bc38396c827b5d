"""One definition of "may see": `Model.objects.visible_to(user)`, used by the admin, the API and selectors."""

from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

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

"""Buttons of a policy version that open a page, and what those pages share."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.enums import ActionVariant

from backoffice.core.scoping import acts_everywhere
from cases.models import PolicyVersion


def version_of(model_admin: Any, request: HttpRequest, object_id: Any, *, permission: str) -> PolicyVersion:
    """
    Return the version of an address, if the person may see it and holds the permission.

    :raises Http404: if the person does not see it.
    :raises PermissionDenied: if the person's role lacks the permission.
    """
    version: PolicyVersion | None = model_admin.get_object(request, str(object_id))
    if version is None:
        raise Http404
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return version


def page_button(
    *,
    label: Any,
    permission: str,
    icon: str,
    states: Collection[str] | None = None,
    everywhere: bool = False,
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Callable[[Any, HttpRequest, PolicyVersion], HttpResponse]], Any]:
    """
    Make a method `page(self, request, version)` a detail action that answers with a page of its own.

    A version that the person may not see is 404, a missing permission 403. `states` limits where the button shows;
    the page itself opens in any state. With `everywhere` people of single territories do not see the button, and the
    page answers them with 403.
    """

    def decorate(method: Callable[[Any, HttpRequest, PolicyVersion], HttpResponse]) -> Any:
        @wraps(method)
        def opened(self: Any, request: HttpRequest, object_id: Any) -> HttpResponse:
            version = version_of(self, request, object_id, permission=permission)
            if everywhere and not acts_everywhere(user=request.user):
                raise PermissionDenied
            return method(self, request, version)

        for name, value in {
            "allowed_permissions": [permission],
            "short_description": label,
            "icon": icon,
            "variant": variant,
            "dialog": None,
            "attrs": {},
            "original_function_name": method.__name__,
            "states": states,
            "everywhere": everywhere,
        }.items():
            setattr(opened, name, value)
        return opened

    return decorate


def policy_page(
    *, model_admin: Any, request: HttpRequest, template: str, title: Any, version: PolicyVersion, **extra: Any
) -> TemplateResponse:
    """Return a page of one version in the admin's layout, at full width."""
    context = model_admin.admin_site.each_context(request) | {
        "title": title,
        "opts": model_admin.model._meta,
        "model_admin": model_admin,
        "version": version,
        "is_fullwidth": "1",
        "back": model_admin.page_of(version),
    }
    return TemplateResponse(request, template, context | extra)

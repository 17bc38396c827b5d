"""Buttons of a policy version that lead to a page of their own, and what those pages share."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.enums import ActionVariant

from cases.models import PolicyVersion


def version_of(model_admin: Any, request: HttpRequest, object_id: Any, *, permission: str) -> PolicyVersion:
    """
    Return the version at an address, as far as the person may.

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
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Callable[[Any, HttpRequest, PolicyVersion], HttpResponse]], Any]:
    """
    Make a method `page(self, request, version)` a detail action that answers with a page of its own.

    A version out of sight is 404, a missing permission 403. `states` limits where the button shows; the page itself
    opens in any state.
    """

    def decorate(method: Callable[[Any, HttpRequest, PolicyVersion], HttpResponse]) -> Any:
        @wraps(method)
        def opened(self: Any, request: HttpRequest, object_id: Any) -> HttpResponse:
            return method(self, request, version_of(self, request, object_id, permission=permission))

        for name, value in {
            "allowed_permissions": [permission],
            "short_description": label,
            "icon": icon,
            "variant": variant,
            "dialog": None,
            "attrs": {},
            "original_function_name": method.__name__,
            "states": states,
        }.items():
            setattr(opened, name, value)
        return opened

    return decorate


def policy_page(
    *, model_admin: Any, request: HttpRequest, template: str, title: Any, version: PolicyVersion, **extra: Any
) -> TemplateResponse:
    """Return a page of a version in the look of the admin, across the whole width."""
    context = model_admin.admin_site.each_context(request) | {
        "title": title,
        "opts": model_admin.model._meta,
        "model_admin": model_admin,
        "version": version,
        "is_fullwidth": "1",
        "back": model_admin.page_of(version),
    }
    return TemplateResponse(request, template, context | extra)

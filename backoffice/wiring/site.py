"""The admin site: who may sign in, the second factor, the page of roles, and the home page."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import PasswordChangeView
from django.core.paginator import InvalidPage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from backoffice.access.forms import OwnPasswordForm, SignInForm
from backoffice.access.gate import may_enter, needs_enrolment, second_factor_page
from backoffice.access.lockout import locked_out
from backoffice.access.roles import CARDS, Role
from backoffice.access.sign_in import after_sign_in, too_many_failures
from backoffice.core.pages.autocomplete import BoundedAutocompleteView
from backoffice.core.pages.list_query import QueryRefused, check_list_query, refused_page
from backoffice.wiring.home import cards_for, feeds_for, stand_ins_for, strip_for, year_without_notice


class DoorstepSite(UnfoldAdminSite):
    """One site for all staff; what each sees follows from role and territory."""

    site_header = _("Doorstep")
    site_title = _("Doorstep")
    index_title = _("Home")
    login_form = SignInForm
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active staff in, with their second factor where it is required."""
        return may_enter(request=request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """
        Sign in; whoever still owes a second factor is led to its page.

        Failures are counted for each address whatever the name, and the person is told if somebody set their password
        or removed their second factor.
        """
        if request.method == "GET" and needs_enrolment(request=request):
            return HttpResponseRedirect(reverse("admin:second_factor"))
        if request.method != "POST":
            return super().login(request, extra_context)  # type: ignore[no-any-return]
        if too_many_failures(request=request):
            return locked_out(request)
        answer: HttpResponse = super().login(request, extra_context)
        after_sign_in(request=request, answer=answer)
        return answer

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Return the choices of a related field; 400 for a query string that cannot be read."""
        answer: Any = BoundedAutocompleteView.as_view(admin_site=self)(request)
        return answer  # type: ignore[no-any-return]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Search the menu by name; 400 for a query string that cannot be read."""
        try:
            check_list_query(request.GET, page_name="page")
            return super().search(request, extra_context)  # type: ignore[no-any-return]
        except (QueryRefused, InvalidPage):
            return refused_page(request)

    def extra_urls(self) -> list[URLPattern]:
        """Return the site's own pages."""
        return [
            path("second-factor/", second_factor_page, {"site": self}, name="second_factor"),
            path("roles/", self.admin_view(self.roles), name="roles"),
        ]

    def roles(self, request: HttpRequest) -> TemplateResponse:
        """Show who may do what, as backoffice/access/roles.py lists it."""
        own = request.user.role if not isinstance(request.user, AnonymousUser) else ""
        rows = [
            {"role": Role(code), "card": card, "own": code == own, "rights": _rights(card.permissions)}
            for code, card in CARDS.items()
        ]
        context = {**self.each_context(request), "title": _("Roles"), "rows": rows}
        return TemplateResponse(request, "admin/roles.html", context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what waits for this person and today's numbers along the loop."""
        at = timezone.now()
        extra = {
            "waiting": cards_for(user=request.user, at=at),
            "strip": strip_for(user=request.user, at=at),
            "feeds": feeds_for(user=request.user, at=at),
            "stand_ins": stand_ins_for(user=request.user, at=at),
            "year_without_notice": year_without_notice(user=request.user, at=at),
            **(extra_context or {}),
        }
        return super().index(request, extra)  # type: ignore[no-any-return]

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Change one's own password; other sessions end."""
        request.current_app = self.name
        change: Any = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:index"),
            template_name="registration/password_change_form.html",
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return change(request)  # type: ignore[no-any-return]


def _rights(permissions: frozenset[str]) -> dict[str, list[str]]:
    """Return the permissions of a role: what it changes by permission name, what it reads by the name of the records."""
    changes, reads = [], []
    for permission in sorted(permissions):
        app, _dot, name = permission.partition(".")
        try:
            reads.append(str(apps.get_model(app, name.removeprefix("view_"))._meta.verbose_name_plural))
        except LookupError:
            changes.append(permission)
    return {"changes": changes, "reads": reads}

"""Agreements about visits: what borrowers asked for and consented to, and the pages on which it is recorded."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.buttons import WARNING, Press, button
from backoffice.core.pages.cells import EMPTY, chip, label, linked, named, tones
from backoffice.core.pages.pages import form_page
from cases.models import Borrower, Case
from visits.admin.agreement_forms import FORMS, WithdrawForm
from visits.admin.base import VisitsAdmin
from visits.enums import AgreementKind
from visits.models import VisitAgreement
from visits.selectors.agreements import agreements_in_force
from visits.services.answers.agreements import RECORD, WITHDRAW, record_agreement, withdraw_agreement

KIND_TONES = tones(AgreementKind, info=["TIME", "PLACE"])
TEXTS = {
    AgreementKind.TIME: _(
        "Only what the borrower asked for themselves. A time that leaves the hours of visits needs its recording or letter; "
        "holidays stay free of visits."
    ),
    AgreementKind.PLACE: _(
        "Only what the borrower said themselves, with its recording or letter. At a workplace the crew goes to the reception "
        "and no further."
    ),
}
TITLES = {
    AgreementKind.TIME: _("Record a time that the borrower of case {case} asked for"),
    AgreementKind.PLACE: _("Record the consent of the borrower of case {case} to a place"),
}
DONE = {
    AgreementKind.TIME: _("The time is recorded. A visit that was planned for another time is planned anew."),
    AgreementKind.PLACE: _("The consent is recorded; a visit there can be requested and planned."),
}


def agreed_text(agreement: VisitAgreement) -> str:
    """Return what was agreed to: the time in the office's time zone, or the masked address with its kind."""
    if agreement.address is not None:
        return f"{agreement.get_place_display()} · {agreement.address.masked_line}"
    if agreement.opens_at is None or agreement.closes_at is None:
        return EMPTY
    opens, closes = timezone.localtime(agreement.opens_at), timezone.localtime(agreement.closes_at)
    return f"{date_format(opens, 'SHORT_DATE_FORMAT')} {opens:%H:%M}–{closes:%H:%M}"


def agreed_lines(*, user: Any, borrower: Borrower, at: datetime) -> Any:
    """Return a line for each agreement of the borrower's person that counts at `at`, with the way to it; a dash without any."""
    if user is None or not user.has_perm("visits.view_visitagreement"):
        return EMPTY
    rows = [(linked(each), agreed_text(each)) for each in agreements_in_force(user=user, borrower=borrower, at=at)]
    return format_html_join("", "<div>{} {}</div>", rows) if rows else EMPTY


class StandingFilter(DropdownFilter):
    """Agreements that count, and those that do not any more."""

    title = _("counts")
    parameter_name = "counts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("Counts now")), ("withdrawn", _("Withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "now":
            return queryset.filter(withdrawn_at__isnull=True, expires_at__gte=timezone.now())
        if self.value() == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        return queryset


@admin.register(VisitAgreement)
class VisitAgreementAdmin(VisitsAdmin):
    """One agreement. It is never changed; a borrower may withdraw it at any time."""

    order_path = "order"
    number_prefix = "G"
    reference_path = "evidence_ref"
    list_display = (
        "__str__",
        "kind_chip",
        "agreed",
        "outside_hours",
        "case_link",
        "borrower_link",
        "territory",
        "evidence_ref",
        "granted_at",
        "expires_at",
        "standing",
    )
    list_select_related = ("case__borrower", "case__territory", "address", "order")
    list_filter = (("kind", ChoicesDropdownFilter), StandingFilter, territory_filter("case__territory"))
    empty_hint = _(
        "Recorded on a case's page or on a visit's page, when a borrower asks for a time or consents to a place."
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_chip", "standing"),
                    ("case_link", "borrower_link"),
                    ("order_link", "territory"),
                    ("agreed", "outside_hours"),
                    "evidence_ref",
                    ("granted_at", "expires_at"),
                    ("recorded", "note_text"),
                    ("withdrawn_at", "withdrawn"),
                )
            },
        ),
    )
    recorded = named("recorded_by", _("recorded by"))
    withdrawn = named("withdrawn_by", _("withdrawal recorded by"))
    actions_detail = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=_("agreed to"))
    def kind_chip(self, agreement: VisitAgreement) -> Any:
        return chip(agreement, "kind", KIND_TONES)

    @admin.display(description=_("time or place"))
    def agreed(self, agreement: VisitAgreement) -> str:
        return agreed_text(agreement)

    @admin.display(description=_("outside of the hours of visits"), boolean=True)
    def outside_hours(self, agreement: VisitAgreement) -> bool:
        return agreement.is_outside_hours

    @admin.display(description=_("state"))
    def standing(self, agreement: VisitAgreement) -> Any:
        if agreement.withdrawn_at is not None:
            return label(_("Withdrawn"), "warning")
        return label(_("Ended")) if agreement.expires_at < timezone.now() else label(_("Counts now"), "success")

    @admin.display(description=_("visit order"))
    def order_link(self, agreement: VisitAgreement) -> Any:
        return linked(agreement.order)

    # What people typed may name others: in clear for those who record agreements.
    @admin.display(description=_("note"))
    def note_text(self, agreement: VisitAgreement) -> str:
        return agreement.note or EMPTY

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.has_perm(RECORD):
            return fieldsets
        return [
            (title, options | {"fields": tuple("recorded" if "note_text" in row else row for row in options["fields"])})
            for title, options in fieldsets
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        actions = super().get_actions_detail(request, object_id)
        agreement = self.get_object(request, str(object_id))
        return actions if agreement is not None and agreement.withdrawn_at is None else []

    @button(
        label=_("Withdrawn by the borrower"),
        permission=WITHDRAW,
        form=WithdrawForm,
        icon="undo",
        variant=WARNING,
        text=_("Counts at once. Visits that rest on it are called off within seconds, also at the door."),
        done=_("The agreement is withdrawn."),
    )
    def withdraw(self, press: Press) -> None:
        withdraw_agreement(agreement=press.record, actor=press.actor, at=press.at, **press.values)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("record/<int:case_id>/<slug:kind>/", wrap(self.record_view), name="visits_visitagreement_record"),
            *super().get_urls(),
        ]

    def record_view(self, request: HttpRequest, case_id: int, kind: str) -> HttpResponse:
        """Record a time ("time") or a place ("place") that the borrower of a case agreed to."""
        case = Case.objects.visible_to(request.user).select_related("borrower__territory").filter(pk=case_id).first()
        word = kind.upper()
        if case is None or word not in AgreementKind.values:
            raise Http404
        if not request.user.has_perm(RECORD):
            raise PermissionDenied
        form = FORMS[word](request.POST if request.method == "POST" else None, case=case, user=request.user)
        if form.is_valid():
            try:
                agreement = record_agreement(
                    case=case, kind=word, actor=request.user, at=timezone.now(), **form.cleaned_data
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                messages.success(request, str(DONE[AgreementKind(word)]))
                return HttpResponseRedirect(self.page_of(agreement))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Record"),
            title=str(TITLES[AgreementKind(word)]).format(case=case),
            text=TEXTS[AgreementKind(word)],
            back=reverse("admin:cases_case_change", args=[case.pk]),
        )

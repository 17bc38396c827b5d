"""What one person enters about an agency and another confirms: its papers and its prices."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import SUCCESS, WARNING, Press, button
from backoffice.core.pages.cells import EMPTY, chip, named
from backoffice.core.pages.private import download
from backoffice.core.sealed.kept_files import KeptFile
from visits.admin.agency_rows import ENTRY_TONES, price_text
from visits.models import AgencyCredential, PriceCard
from visits.rules.agencies.lifecycles import CREDENTIAL_LIFECYCLE, PRICE_LIFECYCLE
from visits.selectors.expiring_papers import expiring_papers
from visits.services.agencies import credentials, price_cards


class ExpiringFilter(DropdownFilter):
    """Papers that end soon."""

    title = _("validity")
    parameter_name = "expires"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("soon", _("ends within 30 days"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "soon":
            return queryset
        return queryset.filter(
            pk__in=expiring_papers(user=request.user, business_date=timezone.localdate()).values("pk")
        )


class EntryAdmin(ScopedAdmin):
    """A list of entries with their state, and who entered and confirmed them."""

    entered = named("entered_by", _("entered by"))
    confirmed = named("confirmed_by", _("confirmed by"))

    @admin.display(description=_("state"))
    def state_chip(self, record: Any) -> Any:
        return chip(record, "state", ENTRY_TONES)


@admin.register(AgencyCredential)
class AgencyCredentialAdmin(EntryAdmin):
    """Papers of agencies. They keep an agency on the list as long as all required ones are valid."""

    lifecycle = CREDENTIAL_LIFECYCLE
    list_display = ("agency", "kind", "number", "issuer", "valid_from", "valid_until", "state_chip")
    list_select_related = ("agency",)
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), ExpiringFilter)
    empty_hint = _("Papers are entered on the page of each agency.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agency", "kind"),
                    ("number", "issuer"),
                    ("valid_from", "valid_until"),
                    ("state_chip", "file_link"),
                    ("entered", "confirmed"),
                )
            },
        ),
    )
    actions_detail = ("confirm", "withdraw")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [path("<int:object_id>/file/", view, name="visits_agencycredential_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Hand out the copy of a paper that the person may see, if it is the one that was kept."""
        record = self.get_object(request, str(object_id))
        if record is None or not self.has_view_permission(request, record) or not record.file_name:
            raise Http404
        try:
            kept = KeptFile(name=record.file_name, sha256=record.file_sha256)
            extension = record.file_name.rpartition(".")[2]
            return download(file=kept, name=f"{record.file_sha256[:12]}.{extension}", media_type=record.media_type)  # type: ignore[return-value]
        except DoorstepError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(record))

    @admin.display(description=_("copy"))
    def file_link(self, record: AgencyCredential) -> Any:
        if not record.file_name:
            return EMPTY
        address = reverse("admin:visits_agencycredential_file", args=[record.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Download"))

    @button(
        label=_("Confirm"),
        permission="visits.confirm_agencycredential",
        icon="check",
        variant=SUCCESS,
        text=_("Compare it with the paper first. Nobody confirms what they entered themselves."),
        done=_("The paper counts."),
    )
    def confirm(self, press: Press) -> None:
        credentials.confirm_credential(
            credential=press.record, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Withdraw"),
        permission="visits.add_agencycredential",
        icon="undo",
        variant=WARNING,
        text=_("It is kept and counts no more. Without a valid paper of its kind the agency's visits stop."),
        done=_("The paper is withdrawn."),
    )
    def withdraw(self, press: Press) -> None:
        credentials.withdraw_credential(
            credential=press.record, actor=press.actor, at=press.at, business_date=press.business_date
        )


@admin.register(PriceCard)
class PriceCardAdmin(EntryAdmin):
    """What agencies are paid, never for what a visit finds."""

    lifecycle = PRICE_LIFECYCLE
    list_display = ("agency", "basis", "price", "valid_from", "valid_to", "state_chip")
    list_select_related = ("agency",)
    list_filter = (("state", ChoicesDropdownFilter), ("basis", ChoicesDropdownFilter))
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agency", "basis"),
                    ("price", "state_chip"),
                    ("valid_from", "valid_to"),
                    ("entered", "confirmed"),
                )
            },
        ),
    )
    empty_hint = _("Prices are entered on the page of each agency.")
    actions_detail = ("confirm", "withdraw")

    @admin.display(description=_("amount"))
    def price(self, card: PriceCard) -> str:
        return price_text(card)

    @button(
        label=_("Confirm"),
        permission="visits.confirm_pricecard",
        icon="check",
        variant=SUCCESS,
        text=_("The price of before ends the day before. Nobody confirms what they entered themselves."),
        done=_("The price counts from its first day on."),
    )
    def confirm(self, press: Press) -> None:
        price_cards.confirm_price(price=press.record, actor=press.actor, at=press.at, business_date=press.business_date)

    @button(
        label=_("Withdraw"),
        permission="visits.add_pricecard",
        icon="undo",
        done=_("The price is withdrawn."),
    )
    def withdraw(self, press: Press) -> None:
        price_cards.withdraw_price(price=press.record, actor=press.actor, at=press.at)

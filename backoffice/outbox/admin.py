"""Outgoing events, their deliveries and endpoints, in the admin."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.audit.recorded import RecordedAdmin
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, ButtonForm, Press, button
from backoffice.core.pages.cells import chip, linked, tones
from backoffice.core.pages.shown_once import shown_once, shown_once_in_dialog
from backoffice.outbox.endpoints import add_endpoint, check_address, renew_endpoint_secret
from backoffice.outbox.models import (
    DeliveryState,
    EventState,
    OutboxEvent,
    ReplayReason,
    WebhookDelivery,
    WebhookEndpoint,
)
from backoffice.outbox.replay import PERMISSION, replay_delivery, replay_event


class EndpointForm(forms.Form):
    """A new address. Its signing secret is made here and shown once."""

    external_ref = forms.CharField(label=_("Reference"), max_length=60, widget=UnfoldAdminTextInputWidget)
    url = forms.URLField(label=_("Address"), assume_scheme="https", widget=UnfoldAdminTextInputWidget)
    topics = forms.CharField(
        label=_("Topics"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Separated by commas; empty means every topic."),
    )

    def clean_topics(self) -> list[str]:
        """Return the topics as a list."""
        return [topic.strip() for topic in self.cleaned_data["topics"].split(",") if topic.strip()]


class ReplayForm(ButtonForm):
    """Why an event is sent again."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ReplayReason.choices, widget=UnfoldAdminSelectWidget)


class EndpointChangeForm(forms.ModelForm[WebhookEndpoint]):
    """The address, topics and activity of an existing endpoint."""

    url = EndpointForm.base_fields["url"]

    def clean_url(self) -> str:
        """Return the address if events may be sent to it."""
        url: str = self.cleaned_data["url"]
        try:
            check_address(url=url)
        except DoorstepError as error:
            raise forms.ValidationError(str(error)) from error
        return url

    class Meta:
        model = WebhookEndpoint
        fields = ("url", "topics", "is_active")


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(RecordedAdmin):
    """Addresses of the lender that events go to."""

    list_display = ("external_ref", "url", "wanted", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("external_ref",)
    fields = ("external_ref", "url", "topics", "is_active", "created_at")
    readonly_fields = ("external_ref", "created_at")
    actions_detail = ("renew_secret",)
    form = EndpointChangeForm
    empty_hint = _("Events wait in the outbox until an address wants them. Add one.")

    @display(description=_("topics"))
    def wanted(self, endpoint: WebhookEndpoint) -> str:
        """Return the topics that the endpoint receives."""
        return ", ".join(endpoint.topics) or str(_("all"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for the address and show its signing secret once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EndpointForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                _endpoint, secret = add_endpoint(**form.cleaned_data, actor=request.user, at=timezone.now())
            except DoorstepError as error:
                form.add_error(getattr(error, "field", "") or None, str(error))
            else:
                return shown_once(model_admin=self, request=request, shown=[(_("Signing secret"), secret)])
        context = {
            **self.admin_site.each_context(request),
            "title": _("New webhook endpoint"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/plain_form.html", context)

    @button(
        label=_("New secret"),
        permission="outbox.change_webhookendpoint",
        variant=DANGER,
        icon="key",
        text=_("Events are signed with the new secret from now on."),
    )
    def renew_secret(self, press: Press) -> HttpResponse:
        """Make a new signing secret and show it once."""
        secret = renew_endpoint_secret(endpoint=press.record, actor=press.actor, at=press.at)
        return shown_once_in_dialog(request=press.request, shown=[(_("Signing secret"), secret)])


@admin.register(OutboxEvent)
class OutboxEventAdmin(ScopedAdmin):
    """Events as they were written, and how many endpoints received each."""

    list_display = ("created_at", "topic", "key", "state_chip", "receivers", "fanned_out_at")
    list_filter = (("topic", FieldTextFilter),)
    search_fields = ("=key",)
    search_help_text = _("The key, exactly")
    fields = ("topic", "key", "content", "created_at", "state_chip", "receivers", "fanned_out_at")
    readonly_fields = fields
    actions_detail = ("hand_over_again",)
    empty_hint = _("No event has been written yet. Approved decisions write the first.")

    @display(description=_("state"))
    def state_chip(self, event: OutboxEvent) -> Any:
        """Return the state as a coloured chip."""
        colours = tones(EventState, success=["HANDED_OVER"], danger=["NO_RECEIVER"], warning=["WAITING"])
        return chip(event, "state", colours)

    @button(
        label=_("Hand over again"),
        permission=PERMISSION,
        form=ReplayForm,
        icon="replay",
        states={EventState.NO_RECEIVER},
        text=_("Every endpoint that wants the topic now gets the event."),
        done=_("The event is handed over again within half a minute."),
    )
    def hand_over_again(self, press: Press) -> None:
        """Hand over an event that had no receiver."""
        replay_event(event=press.record, reason=ReplayReason(press.values["reason"]), actor=press.actor, at=press.at)

    @display(description=_("payload"))
    def content(self, event: OutboxEvent) -> str:
        """Return the payload as indented JSON."""
        return format_html("<pre>{}</pre>", json.dumps(event.payload, ensure_ascii=False, indent=2))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ScopedAdmin):
    """Events on their way: attempts, answers, and those given up."""

    list_display = ("event_link", "endpoint", "state_chip", "attempts", "due_at", "last_status", "delivered_at")
    list_select_related = ("event", "endpoint")
    list_filter = (("state", ChoicesDropdownFilter), "endpoint")
    fields = ("event_link", "endpoint", "state_chip", "attempts", "due_at", "last_status", "last_error", "delivered_at")
    readonly_fields = fields
    actions_detail = ("send_again",)
    empty_hint = _("Nothing is on its way.")

    @button(
        label=_("Send again"),
        permission=PERMISSION,
        form=ReplayForm,
        icon="replay",
        states={DeliveryState.DEAD},
        text=_("The delivery is tried again at once, and then as often as a new one."),
        done=_("The delivery is due now."),
    )
    def send_again(self, press: Press) -> None:
        """Send a delivery that was given up."""
        replay_delivery(
            delivery=press.record, reason=ReplayReason(press.values["reason"]), actor=press.actor, at=press.at
        )

    @display(description=_("event"))
    def event_link(self, delivery: WebhookDelivery) -> str:
        """Return a link to the event."""
        return linked(delivery.event)

    @display(description=_("state"), ordering="state")
    def state_chip(self, delivery: WebhookDelivery) -> Any:
        """Return the state as a coloured chip."""
        return chip(
            delivery, "state", tones(DeliveryState, success=["DELIVERED"], danger=["DEAD"], warning=["PENDING"])
        )

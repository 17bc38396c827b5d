"""The forms around rejected rows in clear: ask for them, release them, take them."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.core.pages.buttons import ButtonForm
from cases.models import RejectRelease
from cases.selectors.intake.reject_releases import open_releases


def _purpose_field() -> forms.CharField:
    return forms.CharField(
        label=_("Purpose"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("Who saw what and why is kept in the access log. Name no borrower."),
    )


class AskForRejectsForm(ButtonForm):
    """Asks for the purpose, which the releasing person reads."""

    purpose = _purpose_field()


class TakeRejectsForm(ButtonForm):
    """Asks the person who took the file in for the purpose; anybody else stated it with the request."""

    purpose = _purpose_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record.taken_by_id != self.request.user.pk:
            del self.fields["purpose"]


class ReleaseRejectsForm(ButtonForm):
    """One of the requests of other people, with its purpose."""

    release = forms.ModelChoiceField(
        label=_("Request"), queryset=RejectRelease.objects.none(), widget=UnfoldAdminSelectWidget, empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = open_releases(file=self.record).exclude(asked_by=self.request.user)
        self.fields["release"].queryset = others
        self.fields["release"].label_from_instance = _request_label


def _request_label(release: RejectRelease) -> str:
    asked = date_format(timezone.localtime(release.asked_at), "SHORT_DATETIME_FORMAT")
    return f"{release.asked_by}, {asked}: {release.purpose}"

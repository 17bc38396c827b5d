"""Evidence: one file from the door with what speaks for and against it; shown only through views that check."""

from typing import Any

from django.contrib import admin, messages
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.cells import EMPTY, chip, label, lines, linked, tones
from backoffice.core.pages.private import SHOWN, download, preview
from visits.admin.base import VisitsAdmin
from visits.enums import EvidenceState, TrustSignal
from visits.models import Evidence
from visits.services.files.opening import open_evidence, open_preview

# A reviewer looks closer below these.
DOUBTFUL_BELOW, WEAK_BELOW = 60, 30
EVIDENCE_TONES = tones(EvidenceState, info=[EvidenceState.WAITING], danger=[EvidenceState.UNREADABLE])


def trust_tone(score: int) -> str:
    """Return the colour of a trust score of 0 to 100."""
    if score < WEAK_BELOW:
        return "danger"
    return "warning" if score < DOUBTFUL_BELOW else "success"


def signal_sentences(evidence: Evidence) -> list[str]:
    """Return what speaks for (+) and against (-) a file, with its weight."""
    known = dict(TrustSignal.choices)
    return [f"{entry['weight']:+d} {known.get(entry['signal'], entry['signal'])}" for entry in evidence.signals]


def preview_address(evidence: Evidence) -> str:
    """Return the address of the small picture, empty where there is none: recordings, and photographs not read."""
    has_picture = evidence.has_preview and evidence.media_type in SHOWN
    return reverse("admin:visits_evidence_preview", args=[evidence.pk]) if has_picture else ""


def trust_label(evidence: Evidence) -> Any:
    """Return the trust score as a chip; a dash as long as the file has not been read."""
    if evidence.state != EvidenceState.READ:
        return EMPTY
    return label(f"{evidence.trust_score} / 100", trust_tone(evidence.trust_score))


@admin.register(Evidence)
class EvidenceAdmin(VisitsAdmin):
    """One file, hashed when received, never overwritten."""

    borrower_path = "report__order__case__borrower"
    reference_path = "external_ref"
    order_path = "report__order"
    list_display = (
        "external_ref",
        "kind_chip",
        "state_chip",
        "report_link",
        "territory",
        "trust",
        "taken_at",
        "received_at",
    )
    list_select_related = ("report__order__case__territory",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("file_problem", ChoicesDropdownFilter),
        territory_filter("report__order__case__territory"),
    )
    empty_hint = _("Evidence comes in with visit reports.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "picture",
                    ("external_ref", "kind_chip"),
                    ("state_chip", "read_at"),
                    ("report_link", "section"),
                    ("trust", "signals_text"),
                    ("taken_at", "received_at"),
                    ("accuracy_m", "camera"),
                    ("media_type", "byte_count"),
                    "sha256",
                    ("software", "uploaded_by"),
                    ("file_checked_at", "file_problem"),
                    "file_link",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("report__order__case__territory")

    def order_of(self, record: Any) -> Any:
        return record.report.order

    @admin.display(description=_("kind"))
    def kind_chip(self, evidence: Evidence) -> Any:
        return chip(evidence, "kind", {})

    @admin.display(description=_("state"))
    def state_chip(self, evidence: Evidence) -> Any:
        return chip(evidence, "state", EVIDENCE_TONES)

    @admin.display(description=_("report"))
    def report_link(self, evidence: Evidence) -> Any:
        return linked(evidence.report)

    @admin.display(description=_("trust"))
    def trust(self, evidence: Evidence) -> Any:
        return trust_label(evidence)

    @admin.display(description=_("for and against"))
    def signals_text(self, evidence: Evidence) -> Any:
        return lines(signal_sentences(evidence))

    @admin.display(description=_("picture"))
    def picture(self, evidence: Evidence) -> Any:
        address = preview_address(evidence)
        return format_html('<img src="{}" alt="" style="max-height:20rem">', address) if address else EMPTY

    @admin.display(description=_("file"))
    def file_link(self, evidence: Evidence) -> Any:
        if evidence.state == EvidenceState.LOCKED:
            return EMPTY
        return format_html(
            '<a href="{}" class="text-link">{}</a>',
            reverse("admin:visits_evidence_file", args=[evidence.pk]),
            _("Save the original"),
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/preview/", wrap(self.preview_view), name="visits_evidence_preview"),
            path("<int:object_id>/file/", wrap(self.file_view), name="visits_evidence_file"),
            *super().get_urls(),
        ]

    def _evidence(self, request: HttpRequest, object_id: int) -> Evidence:
        evidence = self.get_object(request, str(object_id))
        if evidence is None or not self.has_view_permission(request, evidence):
            raise Http404
        return evidence  # type: ignore[no-any-return]

    def preview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a small picture from the copy for display: the original is never decoded here."""
        evidence = self._evidence(request, object_id)
        if not evidence.has_preview:
            raise Http404
        try:
            opened = open_preview(evidence=evidence, actor=request.user, at=timezone.now())
        except DoorstepError as error:
            raise Http404 from error
        return preview(file=File(opened, name="kept"), media_type="image/jpeg")

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand out the original; who took it is logged. A file that is not the one that was kept is refused."""
        evidence, at = self._evidence(request, object_id), timezone.now()
        name = f"{evidence.sha256[:12]}.{evidence.media_type.rpartition('/')[2]}"
        try:
            opened = open_evidence(evidence=evidence, actor=request.user, at=at)
        except DoorstepError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(evidence))
        # Logged first: what cannot be logged is not handed out.
        log_access(actor=request.user, subject=evidence, fields=["file"], purpose=AccessPurpose.REVIEW, at=at)
        return download(file=File(opened, name="kept"), name=name, media_type="application/octet-stream")

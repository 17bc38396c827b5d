"""Cases: the list that people work from, and the page that shows everything about one case."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import TerritoryFilter
from backoffice.core.pages.cells import EMPTY, chip, named, tones
from cases.admin.base import CasesAdmin
from cases.admin.case.buttons import CaseButtons
from cases.admin.case.filters import DueFilter, OwnerFilter
from cases.admin.case.page import case_page
from cases.admin.contacts.buttons import CaseContactButtons
from cases.admin.policy.rules_text import rule_titles
from cases.enums import CaseStage, Grade, Priority
from cases.models import Borrower, Case, TriggerHit
from cases.rules.lifecycle import CASE

STAGE_TONES = tones(
    CaseStage,
    info=["IN_WORK", "VISITING"],
    success=["VERIFIED", "MONITORED"],
    warning=["ON_HOLD"],
    primary=["OPEN", "DECIDED"],
)
GRADE_TONES = tones(Grade, danger=["A"], warning=["B"])
PRIORITY_TONES = tones(Priority, danger=["1"], warning=["2"])


@admin.register(Case)
class CaseAdmin(CaseButtons, CaseContactButtons, CasesAdmin):
    """One person who needs attention, at one of their borrowers."""

    # Upper floors add panels to the page: functions of request and case that return HTML.
    panels: ClassVar[list[Callable[[HttpRequest, Case], Any]]] = []

    lifecycle = CASE
    reference_path = ""
    number_prefix = "C"
    list_display = (
        "__str__",
        "borrower_masked",
        "territory",
        "grade_chip",
        "priority_chip",
        "stage_chip",
        "reasons",
        "owner",
        "sla_due_on",
        "needs_visit_by",
        "next_action_on",
    )
    list_select_related = ("borrower", "person", "territory", "owner")
    link_lookups = ("stage__in", "needs_visit_by__isnull")
    list_filter = (
        ("stage", ChoicesDropdownFilter),
        ("grade", ChoicesDropdownFilter),
        ("priority", ChoicesDropdownFilter),
        TerritoryFilter,
        OwnerFilter,
        DueFilter,
    )
    empty_hint = _("Cases open when the nightly evaluation finds a reason. Without any, every borrower is in order.")
    change_form_outer_before_template = "admin/cases/case_page.html"
    fieldsets = (
        (
            _("Record"),
            {
                "fields": (
                    ("opened_on", "version"),
                    ("held_until", "next_action_on"),
                    ("closed_on", "close_reason"),
                    ("created_at", "updated_at"),
                ),
                "classes": ("collapse",),
            },
        ),
    )
    version = named("policy_version", _("policy version"))
    actions_detail = (
        "take",
        {"title": _("Record"), "icon": "edit_note", "items": ("ask_permit", "record_contact", "note", "desk_check")},
        "ask_for_visit",
        {"title": _("Propose"), "icon": "gavel", "items": ("propose_plan", "propose_waiver", "propose")},
        {
            "title": _("More"),
            "icon": "more_horiz",
            "items": (
                "assign",
                "hold",
                "resume",
                "receive_complaint",
                "set_flag",
                "clear_flag",
                "mute",
                "reveal",
                "close",
            ),
        },
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["cases/case.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        open_hits = TriggerHit.objects.filter(left_on__isnull=True, muted=False).order_by("rule", "pk")
        hits = Prefetch("borrower__hits", open_hits, to_attr="open_hits")
        # Of the person's other borrowers: of those that the reader may see.
        others = Prefetch("person__borrowers", Borrower.objects.visible_to(request.user).order_by("pk"))
        linked = Prefetch("person__borrowers__hits", open_hits, to_attr="open_hits")
        return super().get_queryset(request).prefetch_related(hits, others, linked, "policy_version")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the panels to the page."""
        case = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if case is not None and self.has_view_permission(request, case):
            context |= {
                "page": case_page(case=case, user=request.user, on=timezone.localdate()),
                "today": timezone.localdate(),
                "stage_chip": self.stage_chip(case),
                "stage_tones": STAGE_TONES,
                "grade_tones": GRADE_TONES,
                "panels": [panel(request, case) for panel in self.panels],
            }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @admin.display(description=_("grade"), ordering="grade")
    def grade_chip(self, case: Case) -> Any:
        return chip(case, "grade", GRADE_TONES)

    @admin.display(description=_("priority"), ordering="priority")
    def priority_chip(self, case: Case) -> Any:
        return chip(case, "priority", PRIORITY_TONES)

    @admin.display(description=_("stage"), ordering="stage")
    def stage_chip(self, case: Case) -> Any:
        return chip(case, "stage", STAGE_TONES)

    @admin.display(description=_("reasons"))
    def reasons(self, case: Any) -> str:
        # Cases of one version share its instance, so its titles are read once a page.
        version = case.policy_version
        if not hasattr(version, "titles"):
            version.titles = rule_titles(version)
        linked = case.person.borrowers.all() if case.person is not None else ()
        codes = dict.fromkeys(hit.rule for borrower in (case.borrower, *linked) for hit in borrower.open_hits)
        return ", ".join(version.titles.get(code, code) for code in codes) or EMPTY

"""Suggested merges: which borrowers may be one person, side by side, and who decides."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, Press, button
from backoffice.core.pages.cells import EMPTY, chip, label, tones
from cases.admin.base import CasesAdmin
from cases.admin.people.cells import arrears_of, names_of, numbers_of, territories_of
from cases.enums import MergeGround, PersonMergeState
from cases.models import Account, Borrower, MergedBorrower, PersonMerge
from cases.rules.person_lifecycle import PERSON_MERGE
from cases.selectors.casework.people import borrowers_of_merge, shared_numbers
from cases.selectors.casework.search import borrowers_matching
from cases.services.merges import decisions

STATE_TONES = tones(
    PersonMergeState,
    primary=[PersonMergeState.SUGGESTED],
    warning=[PersonMergeState.PART_SUGGESTED],
    success=[PersonMergeState.APPROVED],
    info=[PersonMergeState.REFUSED, PersonMergeState.UNDONE],
)
GROUND_TONES = tones(MergeGround, info=[MergeGround.SAME_ID_NUMBER])
SHARED_SHOWN = 5


@admin.register(PersonMerge)
class PersonMergeAdmin(CasesAdmin):
    """Borrowers that may be one person. Whoever suggested it does not decide; whoever approved it does not undo it."""

    lifecycle = PERSON_MERGE
    reference_path = ""
    borrower_path = ""
    number_prefix = "M"
    list_display = (
        "__str__",
        "people",
        "id_numbers",
        "territories",
        "arrears",
        "ground_chip",
        "names_chip",
        "state_chip",
        "created_at",
    )
    list_filter = (("state", ChoicesDropdownFilter), ("ground", ChoicesDropdownFilter), "names_differ")
    link_lookups = ("state__in",)
    list_before_template = "admin/cases/shared_numbers.html"
    change_form_outer_before_template = "admin/cases/merge_page.html"
    empty_hint = _(
        "Nobody is suggested to be one person. Borrowers with one identity number are found after each intake and every "
        "night; others are suggested on a borrower's page."
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("ground_chip", "state_chip"),
                    ("names_chip", "created_at"),
                    ("suggested", "decided"),
                    ("decided_at", "reviewed"),
                    "reviewed_at",
                )
            },
        ),
    )
    actions_detail = ("approve", "refuse", "undo", "keep")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        accounts = Account.objects.visible_to(request.user).only("borrower_id", "currency", "arrears_amount")
        borrowers = (
            Borrower.objects.visible_to(request.user)
            .select_related("territory")
            .prefetch_related(Prefetch("accounts", accounts, to_attr="seen_accounts"))
            .order_by("pk")
        )
        rows = super().get_queryset(request).select_related("suggested_by", "decided_by", "reviewed_by")
        return rows.prefetch_related(Prefetch("borrowers", borrowers, to_attr="seen_borrowers"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the suggestions about the borrowers that the text names, and by their own number."""
        found, _distinct = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, False
        borrowers = borrowers_matching(text=search_term.strip(), user=request.user).values("pk")
        about = MergedBorrower.objects.filter(borrower__in=borrowers).values("merge")
        return found | queryset.filter(pk__in=about), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say above the list which numbers so many borrowers have that nobody is suggested."""
        context = dict(extra_context or {})
        if request.user.has_perm("cases.view_sharednumber"):
            numbers = shared_numbers(user=request.user).select_related("example")
            context["shared_numbers"] = list(numbers[: SHARED_SHOWN + 1])
            context["shared_shown"] = SHARED_SHOWN
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the borrowers side by side."""
        merge = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if merge is not None and self.has_view_permission(request, merge):
            context["beside"] = borrowers_of_merge(merge=merge, user=request.user)
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @admin.display(description=_("borrowers"))
    def people(self, merge: Any) -> Any:
        return names_of(merge.seen_borrowers)

    @admin.display(description=_("identity number"))
    def id_numbers(self, merge: Any) -> Any:
        return numbers_of(merge.seen_borrowers)

    @admin.display(description=_("territory"))
    def territories(self, merge: Any) -> Any:
        return territories_of(merge.seen_borrowers)

    @admin.display(description=_("arrears"))
    def arrears(self, merge: Any) -> Any:
        return arrears_of(merge.seen_borrowers)

    @admin.display(description=_("ground"))
    def ground_chip(self, merge: PersonMerge) -> Any:
        return chip(merge, "ground", GROUND_TONES)

    @admin.display(description=_("names"))
    def names_chip(self, merge: PersonMerge) -> Any:
        return label(_("Names differ"), "warning") if merge.names_differ else EMPTY

    @admin.display(description=_("state"))
    def state_chip(self, merge: PersonMerge) -> Any:
        return chip(merge, "state", STATE_TONES)

    @admin.display(description=_("suggested by"))
    def suggested(self, merge: PersonMerge) -> str:
        return str(merge.suggested_by or _("The rule over identity numbers"))

    @admin.display(description=_("decided by"))
    def decided(self, merge: PersonMerge) -> str:
        return str(merge.decided_by or EMPTY)

    @admin.display(description=_("reviewed by"))
    def reviewed(self, merge: PersonMerge) -> str:
        return str(merge.reviewed_by or EMPTY)

    @button(
        label=_("Merge"),
        permission=decisions.DECIDE,
        icon="merge",
        variant=SUCCESS,
        text=_(
            "They count as one person from now on: for contacts, circumstances and cases. One number with two names is a "
            "reason to look, not to merge. Who suggested it does not decide; another person may undo it at any time."
        ),
        done=_("The borrowers are one person."),
    )
    def approve(self, press: Press) -> None:
        decisions.approve_merge(merge=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Different people"),
        permission=decisions.DECIDE,
        icon="call_split",
        variant=WARNING,
        text=_("None of these pairs is suggested by the rule again. Who suggested it does not decide."),
        done=_("They are kept as different people."),
    )
    def refuse(self, press: Press) -> None:
        decisions.refuse_merge(merge=press.record, actor=press.actor, at=press.at)

    @button(
        label=pgettext_lazy("to part merged borrowers", "Undo the merge"),
        permission=decisions.DECIDE,
        icon="undo",
        variant=DANGER,
        text=_(
            "The borrowers are the people again that they were without this merge. Who approved it does not undo it."
        ),
        done=_("The merge is undone."),
    )
    def undo(self, press: Press) -> None:
        decisions.undo_merge(merge=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Keep merged"),
        permission=decisions.DECIDE,
        icon="link",
        text=_("They stay one person although their numbers differ by now. Who approved the merge does not review it."),
        done=_("They stay one person."),
    )
    def keep(self, press: Press) -> None:
        decisions.keep_merge(merge=press.record, actor=press.actor, at=press.at)

"""The approvers' queue: what each row of the list of decisions changes for whom, and the ways between what waits."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.core.pages.cells import EMPTY, label, lines, linked, money
from backoffice.core.pages.list_query import DeclaredChangeList
from cases.admin.decisions.filters import WaitingFilter
from cases.admin.decisions.text import approvals_text, change_sentences
from cases.models import Decision
from cases.selectors.casework.approvals import decided_by
from cases.selectors.casework.effects import effects_of_each
from cases.selectors.casework.waiting_decisions import by_last_day, neighbours_of, waiting_for

# What approvers read of each row; the other columns say the same of every proposal.
QUEUE_COLUMNS = ("__str__", "kind_chip", "whose", "changes", "owed", "why", "decide_by", "approvals")


def is_queue(request: HttpRequest) -> bool:
    """Return whether the list shows what waits for its reader."""
    return request.GET.get(WaitingFilter.parameter_name) == WaitingFilter.MINE


class DecisionChangeList(DeclaredChangeList):
    """The list of decisions, with the effects of all rows of the page read at once. What waits: first to be decided first."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the queue's order where no column was chosen."""
        chosen = super().get_ordering(request, queryset)
        return ["last_day", "pk"] if is_queue(request) and ORDER_VAR not in self.params else chosen

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows of the page and what each of them changes."""
        super().get_results(request)
        rows: Any = self.result_list
        for row, effects in zip(rows, effects_of_each(decisions=rows), strict=True):
            row.effects = effects


class DecisionQueue:
    """The part of the decisions' admin with which approvers work through what waits for them."""

    list_display: ClassVar[tuple[str, ...]] = (*QUEUE_COLUMNS, "state_chip", "origin", "proposed_by", "expires_on")
    list_before_template = "admin/cases/decision_keys.html"
    change_form_outer_before_template = "admin/cases/decision_queue.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["cases/decisions.css"]}
        js: ClassVar[list[str]] = ["cases/decisions.js"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DecisionChangeList]:
        return DecisionChangeList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return fewer columns for what waits for the reader."""
        return QUEUE_COLUMNS if is_queue(request) else self.list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the decisions, with what the queue is ordered by."""
        # Reasons of the standing job are titles of the version's rules; one version serves a whole page.
        rows = super().get_queryset(request).prefetch_related("policy_version")  # type: ignore[misc]
        return by_last_day(decisions=rows) if is_queue(request) else rows

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add what waits for the reader before and after this decision, for people who approve."""
        context: dict[str, Any] = dict(extra_context or {})
        user: Any = request.user
        decision = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if decision is not None and user.has_perm("cases.approve_decision"):
            context["queue"] = {
                "waits": waiting_for(user=user).filter(pk=decision.pk).exists(),
                "beside": neighbours_of(decision=decision, user=user),
            }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[misc, no-any-return]

    @admin.display(description=_("borrower"))
    def whose(self, decision: Decision) -> Any:
        borrower = decision.borrower
        name = linked(borrower, borrower.masked_name or borrower.external_ref)
        return format_html('{}<div class="text-xs">{}</div>', name, decision.account.external_ref)

    @admin.display(description=_("changes"))
    def changes(self, decision: Any) -> Any:
        return lines(change_sentences(decision=decision, effects=decision.effects))

    @admin.display(description=_("arrears"))
    def owed(self, decision: Decision) -> Any:
        return owed_lines(decision)

    @admin.display(description=_("approvals"))
    def approvals(self, decision: Decision) -> str:
        return approvals_text(given=decision.approvals_given, needed=decision.approvals_needed)

    @admin.display(description=_("decide by"))
    def decide_by(self, decision: Decision) -> Any:
        day = decided_by(decision=decision)
        if day is None:
            return EMPTY
        return label(date_format(day), "danger") if day < timezone.localdate() else date_format(day)


def owed_lines(decision: Decision) -> Any:
    """Return the arrears and days past due of a decision's account, below each other."""
    account = decision.account
    days = ngettext("{days} day past due", "{days} days past due", account.days_past_due)
    return lines([money(account.arrears_amount, account.currency), days.format(days=account.days_past_due)])


def for_confirmation(queryset: QuerySet[Any]) -> list[Any]:
    """Return decisions with what a row of them shows: borrower, account, plan, effects."""
    rows: list[Any] = list(queryset.select_related("borrower", "account", "plan"))
    for row, effects in zip(rows, effects_of_each(decisions=rows), strict=True):
        row.owed = owed_lines(row)
        row.change = lines(change_sentences(decision=row, effects=effects))
    return rows

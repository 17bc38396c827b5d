"""The approval of many decisions at once: a confirmation that says of each row what it changes, then one call."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.cells import lines
from cases.admin.decisions.queue import for_confirmation
from cases.enums import DecisionState
from cases.selectors.casework.approvals import in_bulk, judge_decisions
from cases.selectors.casework.decisions import reason_texts
from cases.services.decisions import lifecycle as decisions

# Decisions that one confirmation shows; nobody reads more before agreeing.
MOST_AT_ONCE = 200


class BulkApproval:
    """The action of the decisions' list that approves rewards and stops of drawing."""

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Who may approve; Django asks by this name for the list's action."""
        return request.user.has_perm("cases.approve_decision")

    @admin.action(description=_("Approve the selected decisions"), permissions=["approve"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Show what is about to be approved; after the confirmation, call the bulk service once."""
        waiting = queryset.filter(in_bulk(), state=DecisionState.PROPOSED)
        chosen = waiting.exclude(proposed_by=request.user).order_by("pk")
        rows = for_confirmation(chosen.prefetch_related("policy_version")[:MOST_AT_ONCE])
        if request.POST.get("confirmed") != "yes" or not rows:
            judged = judge_decisions(decisions=rows, on=timezone.localdate())
            for row in rows:
                row.refusals = " ".join(str(refusal.text) for refusal in judged[row.pk].refusals)
                row.why = lines(reason_texts(decision=row))
            context = self.admin_site.each_context(request) | {  # type: ignore[attr-defined]
                "title": _("Approve decisions"),
                "opts": self.model._meta,  # type: ignore[attr-defined]
                "rows": rows,
                "needs_note": any(row.is_adverse for row in rows),
                "left_out": queryset.count() - len(rows),
                "checkbox_name": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/cases/approve_decisions.html", context)
        if not request.user.has_perm("cases.approve_decision"):
            raise PermissionDenied
        try:
            done = decisions.approve_decisions(
                decisions=chosen, note=request.POST.get("note", "")[:300], actor=request.user, at=timezone.now()
            )
        except DoorstepError as error:
            messages.error(request, str(error))
        else:
            text = ngettext("{number} decision is approved.", "{number} decisions are approved.", done.approved)
            messages.success(request, text.format(number=done.approved))
            for refusal, number in done.passed_over:
                text = ngettext(
                    "{number} decision is passed over: {why}", "{number} decisions are passed over: {why}", number
                )
                messages.warning(request, text.format(number=number, why=refusal.text))
        return HttpResponseRedirect(request.get_full_path())

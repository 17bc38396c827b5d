"""Admin of policies and their versions: the rules in words, and the buttons of their lifecycle."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.core.pages.admin import ScopedAdmin, ScopedInline
from backoffice.core.pages.buttons import (
    DANGER,
    SUCCESS,
    WARNING,
    ButtonForm,
    Press,
    ReasonForm,
    button,
    day_input,
)
from backoffice.core.pages.cells import EMPTY, chip, named, tones
from cases.admin.policy.compare import PolicyCompare
from cases.admin.policy.editor import PolicyEditor
from cases.admin.policy.proposal_replay import ProposalReplayPage
from cases.admin.policy.rules_text import policy_sentences
from cases.admin.policy.submit import PolicySubmit
from cases.enums import PolicyState
from cases.models import Policy, PolicyTerm, PolicyVersion
from cases.rules.lifecycle import POLICY_VERSION
from cases.services.evaluation import runs
from cases.services.policies import versions

STATE_TONES = tones(PolicyState, success=["ACTIVE"], info=["SUBMITTED", "APPROVED"])


class ActivateForm(ButtonForm):
    """The business date from which the version is in force."""

    effective_from = forms.DateField(label=_("Effective from"), widget=day_input(), initial=timezone.localdate)


class RollBackForm(ReasonForm):
    """Why a retired version comes into force again, and from which business date."""

    effective_from = forms.DateField(label=_("Effective from"), widget=day_input(), initial=timezone.localdate)


class TryForm(ButtonForm):
    """The business date of a dry run."""

    business_date = forms.DateField(label=_("Business date"), widget=day_input(), initial=timezone.localdate)


class VersionInline(ScopedInline):
    model = PolicyVersion
    show_change_link = True
    verbose_name_plural = _("Versions")
    ordering = ("-number", "-pk")
    fields = ("number", "state", "note", "effective_from", "proposed", "approved")
    proposed = named("proposed_by", _("proposed by"))
    approved = named("approved_by", _("approved by"))


class TermInline(ScopedInline):
    """The terms of a policy: which version was in force when."""

    model = PolicyTerm
    verbose_name_plural = _("In force")
    ordering = ("-effective_from", "-pk")
    fields: Any = ("version", "effective_from", "effective_until", "setter", "reason")
    setter = named("set_by", _("put into force by"))


class VersionTermInline(TermInline):
    """When this version was in force."""

    fields = ("effective_from", "effective_until", "setter", "reason")


@admin.register(Policy)
class PolicyAdmin(ScopedAdmin):
    """The policy of a segment, its versions, and when each was in force."""

    list_display = ("name", "for_segment", "in_force", "created_at")
    fieldsets = ((None, {"fields": (("name", "for_segment"), ("in_force", "created_at"))}),)
    inlines = (VersionInline, TermInline)
    empty_hint = _("The default policy is installed when the first portfolio is evaluated.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("versions")

    @admin.display(description=_("segment"))
    def for_segment(self, policy: Policy) -> str:
        return policy.segment or str(_("everybody without a policy of their own"))

    @admin.display(description=_("version in force"))
    def in_force(self, policy: Policy) -> str:
        numbers = [str(v.number) for v in policy.versions.all() if v.state == PolicyState.ACTIVE]
        return ", ".join(numbers) or EMPTY


@admin.register(PolicyVersion)
class PolicyVersionAdmin(PolicyEditor, PolicyCompare, PolicySubmit, ProposalReplayPage, ScopedAdmin):
    """One version: its rules in words, who proposed and approved it, and when it was in force."""

    lifecycle = POLICY_VERSION
    list_display = (
        "__str__",
        "for_segment",
        "number",
        "state_chip",
        "note",
        "effective_from",
        "proposed_by",
        "approved_by",
    )
    list_select_related = ("policy", "proposed_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    empty_hint = _("The default policy is installed when the first portfolio is evaluated.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("policy", "number"),
                    ("state_chip", "effective_from"),
                    ("proposed", "approved"),
                    ("approved_at", "based"),
                    "note",
                    ("review_note", "warnings"),
                )
            },
        ),
        (_("What the rules say"), {"fields": ("sentences",)}),
        (_("Rules as written"), {"fields": ("written",), "classes": ("collapse",)}),
    )
    inlines = (VersionTermInline,)
    proposed = named("proposed_by", _("proposed by"))
    approved = named("approved_by", _("approved by"))
    based = named("based_on", _("drafted from"))
    actions_detail = (
        "revise",
        "submit",
        "approve",
        "send_back",
        "activate",
        "roll_back",
        "inspect",
        "compare",
        "replay",
        "draft",
        "try_out",
        "retire",
        "discard",
    )

    @admin.display(description=_("segment"))
    def for_segment(self, version: PolicyVersion) -> str:
        return version.policy.segment or EMPTY

    @admin.display(description=_("state"))
    def state_chip(self, version: PolicyVersion) -> Any:
        return chip(version, "state", STATE_TONES)

    @admin.display(description=_("rules"))
    def written(self, version: PolicyVersion) -> Any:
        return format_html(
            '<pre class="overflow-x-auto">{}</pre>', json.dumps(version.body, ensure_ascii=False, indent=2)
        )

    @admin.display(description=_("sentences"))
    def sentences(self, version: PolicyVersion) -> Any:
        return policy_sentences(version)

    @button(
        label=_("Approve"),
        permission="cases.approve_policyversion",
        everywhere=True,
        icon="check",
        variant=SUCCESS,
        text=_("Nobody approves a version of their own."),
        done=_("The version is approved."),
    )
    def approve(self, press: Press) -> None:
        versions.approve_version(version=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Send back"),
        permission="cases.approve_policyversion",
        everywhere=True,
        form=ReasonForm,
        icon="undo",
        variant=WARNING,
        text=_("It becomes a draft again; its proposer reads the reason."),
        done=_("The version is a draft again."),
    )
    def send_back(self, press: Press) -> None:
        versions.send_back_version(version=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)

    @button(
        label=_("Activate"),
        permission="cases.approve_policyversion",
        everywhere=True,
        form=ActivateForm,
        icon="bolt",
        variant=SUCCESS,
        text=_(
            "Today or earlier: it is in force at once and the version in force is retired. Later: it waits for that day."
        ),
        done=_("The version is in force, or waits for its day."),
    )
    def activate(self, press: Press) -> None:
        versions.activate_version(
            version=press.record,
            effective_from=press.values["effective_from"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Roll back to this"),
        permission="cases.approve_policyversion",
        everywhere=True,
        form=RollBackForm,
        icon="history",
        variant=WARNING,
        text=_("This version decides again in place of the one in force."),
        done=_("The version is in force again, or waits for its day."),
    )
    def roll_back(self, press: Press) -> None:
        versions.roll_back(
            version=press.record,
            reason=press.values["reason"],
            effective_from=press.values["effective_from"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Retire"),
        permission="cases.approve_policyversion",
        everywhere=True,
        form=ReasonForm,
        icon="block",
        variant=DANGER,
        text=_("A segment's policy ends; its accounts are judged by the policy of everybody else."),
        done=_("The version is retired."),
    )
    def retire(self, press: Press) -> None:
        versions.retire_version(
            version=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Discard"),
        permission="cases.change_policyversion",
        everywhere=True,
        icon="delete",
        variant=DANGER,
        text=_("The draft keeps its number and is never in force."),
        done=_("The draft is discarded."),
    )
    def discard(self, press: Press) -> None:
        versions.discard_version(version=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Try on a day"),
        permission="cases.run_evaluation",
        form=TryForm,
        icon="science",
        text=_("Counts what the version would do, and writes nothing. A large portfolio takes up to a minute."),
    )
    def try_out(self, press: Press) -> HttpResponse:
        counts = runs.dry_run(business_date=press.values["business_date"], version=press.record, at=press.at)
        return HttpResponse(render_to_string("admin/cases/dry_run.html", {"counts": counts}, request=press.request))

    @admin.display(description=_("warnings accepted"))
    def warnings(self, version: PolicyVersion) -> str:
        return str(len(version.accepted_warnings)) if version.accepted_warnings else EMPTY

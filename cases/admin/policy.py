"""Policies: rules as sentences, and versions that two people put in force."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.core.admin import ScopedAdmin, ScopedInline
from backoffice.core.buttons import PRIMARY, SUCCESS, ButtonForm, Press, button, day_input, to_page
from backoffice.core.cells import chip, named, tones
from cases.admin.rules_text import policy_sentences
from cases.enums import PolicyState
from cases.models import Policy, PolicyVersion
from cases.rules.lifecycle import POLICY_VERSION
from cases.services import evaluation, policies

STATE_TONES = tones(PolicyState, success=["ACTIVE"], info=["SUBMITTED", "APPROVED"])


class ActivateForm(ButtonForm):
    """From which business date the version decides."""

    effective_from = forms.DateField(label=_("Effective from"), widget=day_input())


class BodyForm(ButtonForm):
    """A whole policy as JSON, and what changed."""

    note = forms.CharField(label=_("What changed"), max_length=300, widget=UnfoldAdminTextInputWidget)
    body = forms.JSONField(
        label=_("Rules as written"), widget=UnfoldAdminTextareaWidget({"rows": 18, "spellcheck": "false"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs["class"] += " font-mono"
        self.initial["body"] = self.record.body


class TryForm(ButtonForm):
    """On which business date."""

    business_date = forms.DateField(label=_("Business date"), widget=day_input(), initial=timezone.localdate)


class VersionInline(ScopedInline):
    model = PolicyVersion
    show_change_link = True
    ordering = ("-number", "-pk")
    fields = ("number", "state", "note", "effective_from", "proposed_by", "approved_by")


@admin.register(Policy)
class PolicyAdmin(ScopedAdmin):
    """A named policy and its versions."""

    list_display = ("name", "created_at")
    fieldsets = ((None, {"fields": (("name", "created_at"),)}),)
    inlines = (VersionInline,)
    empty_hint = _("The default policy is installed when the first portfolio is evaluated.")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ScopedAdmin):
    """One version: what its rules say, and who put it in force."""

    lifecycle = POLICY_VERSION
    list_display = ("__str__", "policy", "number", "state_chip", "note", "effective_from", "proposed_by", "approved_by")
    list_select_related = ("policy", "proposed_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    empty_hint = _("The default policy is installed when the first portfolio is evaluated.")
    fieldsets = (
        (None, {"fields": (
            ("policy", "number"), ("state_chip", "effective_from"), ("proposed", "approved"), ("approved_at", "note"),
        )}),
        (_("What the rules say"), {"fields": ("sentences",)}),
        (_("Rules as written"), {"fields": ("written",), "classes": ("collapse",)}),
    )  # fmt: skip
    proposed = named("proposed_by", _("proposed by"))
    approved = named("approved_by", _("approved by"))
    actions_detail = ("submit", "approve", "activate", "revise", "draft", "try_out")

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
        label=_("Submit"), permission="cases.submit_policyversion", icon="send", variant=PRIMARY,
        text=_("The rules cannot be changed after this. Another person approves them."), done=_("The version is submitted."),
    )  # fmt: skip
    def submit(self, press: Press) -> None:
        policies.submit_version(version=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Approve"), permission="cases.approve_policyversion", icon="check", variant=SUCCESS,
        text=_("Nobody approves a version of their own."), done=_("The version is approved."),
    )  # fmt: skip
    def approve(self, press: Press) -> None:
        policies.approve_version(version=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Activate"), permission="cases.approve_policyversion", form=ActivateForm, icon="bolt", variant=SUCCESS,
        text=_("The version in force is retired."), done=_("The version is in force."),
    )  # fmt: skip
    def activate(self, press: Press) -> None:
        policies.activate_version(
            version=press.record, effective_from=press.values["effective_from"], actor=press.actor, at=press.at
        )

    @button(
        label=_("Draft from this"), permission="cases.add_policyversion", form=BodyForm, page=True, icon="content_copy",
        text=_("A new version with the next number; this one stays as it is."), done=_("The draft is there, under the next number."),
    )  # fmt: skip
    def draft(self, press: Press) -> HttpResponse:
        made = policies.draft_version(
            body=press.values["body"], note=press.values["note"], actor=press.actor, at=press.at
        )
        return to_page(press.request, self.page_of(made))

    @button(
        label=_("Revise"), permission="cases.change_policyversion", form=BodyForm, page=True, icon="edit", states=frozenset({PolicyState.DRAFT}),
        text=_("Whoever revises a draft last is its proposer."), done=_("The draft is revised."),
    )  # fmt: skip
    def revise(self, press: Press) -> None:
        policies.revise_version(
            version=press.record, body=press.values["body"], note=press.values["note"], actor=press.actor, at=press.at
        )

    @button(
        label=_("Try on a day"), permission="cases.run_evaluation", form=TryForm, icon="science",
        text=_("Counts what the version would do, and writes nothing. A large portfolio takes up to a minute."),
    )  # fmt: skip
    def try_out(self, press: Press) -> HttpResponse:
        counts = evaluation.dry_run(business_date=press.values["business_date"], version=press.record, at=press.at)
        return HttpResponse(render_to_string("admin/cases/dry_run.html", {"counts": counts}, request=press.request))

"""The page that submits a draft: it shows what the static checks found, and each warning is accepted by a tick."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from backoffice.core.errors import DoorstepError, InvalidInput
from cases.admin.policy.version_pages import page_button, policy_page
from cases.enums import PolicyState
from cases.models import PolicyVersion
from cases.rules.policy.checks import check_policy
from cases.rules.policy.findings import Finding, Severity
from cases.rules.policy.parser import parse_policy
from cases.services.policies import versions


class SubmitForm(forms.Form):
    """A tick for each warning."""

    def __init__(self, data: Any, *, warnings: list[Finding]) -> None:
        super().__init__(data)
        for index, warning in enumerate(warnings):
            self.fields[f"warning_{index}"] = forms.BooleanField(
                label=warning.message, error_messages={"required": _("Accept this warning, or change the draft.")}
            )


class PolicySubmit:
    """The page of submission, for the admin of policy versions."""

    @page_button(
        label=_("Submit"),
        permission="cases.submit_policyversion",
        everywhere=True,
        icon="send",
        variant=ActionVariant.PRIMARY,
        states=frozenset({PolicyState.DRAFT}),
    )
    def submit(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show what the checks found; POST with every warning accepted submits the draft."""
        here: Any = self
        try:
            found = check_policy(parse_policy(version.body), segment=version.policy.segment)
            fault = ""
        except InvalidInput as error:
            found, fault = (), str(error)
        warnings = [finding for finding in found if finding.severity == Severity.WARNING]
        form = SubmitForm(request.POST if request.method == "POST" else None, warnings=warnings)
        if form.is_valid():
            try:
                versions.submit_version(
                    version=version, actor=request.user, at=timezone.now(), accept_warnings=bool(warnings)
                )
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, str(_("The version is submitted.")))
                return HttpResponseRedirect(here.page_of(version))
        return policy_page(
            model_admin=self,
            request=request,
            template="admin/cases/policy_submit.html",
            version=version,
            form=form,
            title=_("Submit version {number}").format(number=version.number),
            fault=fault,
            errors=[finding for finding in found if finding.severity == Severity.ERROR],
            notes=[finding for finding in found if finding.severity == Severity.NOTE],
            is_draft=version.state == PolicyState.DRAFT,
        )

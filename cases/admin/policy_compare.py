"""Two versions side by side: old left, new right."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from cases.admin.policy_pages import page_button, policy_page
from cases.models import PolicyVersion


class PolicyCompare:
    """The page of differences, for the admin of policy versions."""

    @page_button(label=_("Differences"), permission="cases.view_policyversion", icon="compare")
    def compare(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show the version beside the one in force, or beside the one asked for."""
        return policy_page(
            model_admin=self, request=request, template="admin/cases/policy_compare.html", version=version,
            title=_("Differences"),
        )  # fmt: skip

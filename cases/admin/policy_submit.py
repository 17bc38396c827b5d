"""Handing a draft over: what the checks found stands on the page, and each warning is accepted one by one."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.buttons import PRIMARY, ButtonForm, Press, button
from cases.services import policies


class PolicySubmit:
    """The door from a draft to its approver."""

    @button(
        label=_("Submit"), permission="cases.submit_policyversion", form=ButtonForm, page=True, icon="send",
        variant=PRIMARY, text=_("The rules cannot be changed after this. Another person approves them."),
        done=_("The version is submitted."),
    )  # fmt: skip
    def submit(self, press: Press) -> Any:
        policies.submit_version(version=press.record, actor=press.actor, at=press.at)

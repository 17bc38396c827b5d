"""Buttons of a run's page: pause, resume, cancel, release, refuse, retry the quarantined. Each calls one service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.core.pages.buttons import DANGER, PRIMARY, WARNING, ButtonForm, Press, button
from cases.rules.run_lifecycle import RUN
from cases.services.evaluation import run_control


class ReleaseForm(ButtonForm):
    """Why a run that exceeds its limits may go on. The reason is kept on the run."""

    note = forms.CharField(label=_("Why it may go on"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))


class RunButtons:
    """The buttons of those who run evaluations and of approvers."""

    @button(
        label=RUN.step("pause").label,
        permission=RUN.step("pause").permission,
        icon="pause",
        variant=WARNING,
        text=_("No further chunk is started. Chunks that are being worked are finished and kept."),
        done=_("The run is paused."),
    )
    def pause(self, press: Press) -> Any:
        """Pause the run."""
        return run_control.pause_run(run=press.record, actor=press.actor, at=press.at)

    @button(
        label=RUN.step("resume").label,
        permission=RUN.step("resume").permission,
        icon="play_arrow",
        variant=PRIMARY,
        text=_("The run goes on where it was paused."),
        done=_("The run goes on."),
    )
    def resume(self, press: Press) -> Any:
        """Let a paused run go on."""
        return run_control.resume_run(run=press.record, actor=press.actor, at=press.at)

    @button(
        label=RUN.step("cancel").label,
        permission=RUN.step("cancel").permission,
        icon="stop",
        variant=DANGER,
        text=_("What is applied stays applied; nothing more is written. The same day can be started again."),
        done=_("The run is cancelled."),
        submit=_("Cancel the run"),
    )
    def cancel(self, press: Press) -> Any:
        """Cancel the run."""
        return run_control.cancel_run(run=press.record, actor=press.actor, at=press.at)

    @button(
        label=RUN.step("release").label,
        permission=RUN.step("release").permission,
        icon="lock_open",
        variant=PRIMARY,
        form=ReleaseForm,
        done=_("The run goes on."),
        submit=_("Let it go on"),
        text=_("The run is applied as it was previewed. Whoever started it cannot release it."),
    )
    def release(self, press: Press) -> Any:
        """Let a run that a circuit breaker holds go on."""
        return run_control.release_run(run=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=RUN.step("refuse").label,
        permission=RUN.step("refuse").permission,
        icon="block",
        variant=DANGER,
        text=_("The run is cancelled. Nothing of it was applied."),
        done=_("The run is cancelled."),
        submit=_("Refuse the run"),
    )
    def refuse(self, press: Press) -> Any:
        """Cancel a run that a circuit breaker holds."""
        return run_control.refuse_held(run=press.record, actor=press.actor, at=press.at)

    @button(
        label=RUN.step("reopen").label,
        permission=RUN.step("reopen").permission,
        icon="replay",
        text=_("Every borrower who is set aside in this run is evaluated once more, each alone."),
        done=_("They are being tried again; follow them on this page."),
        submit=_("Try again"),
    )
    def reopen(self, press: Press) -> Any:
        """Evaluate the quarantined borrowers once more."""
        return run_control.retry_quarantined(run=press.record, borrower_ids=None, actor=press.actor, at=press.at)

"""The buttons of a case: each asks in a dialog and calls one service."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.audit.forms import PurposeForm
from backoffice.core.pages.buttons import PRIMARY, WARNING, Press, button
from cases.admin.borrower import SHOWN_ONCE, ClearFlagForm, FlagForm, revealed
from cases.admin.case.forms import (
    AssignForm,
    CloseForm,
    ComplaintForm,
    ContactForm,
    HoldForm,
    MuteForm,
    NoteForm,
    ProposeForm,
    VisitForm,
)
from cases.admin.case.plan import PlanForm, plan_asked
from cases.admin.case.waiver import WaiverForm, propose_waiver
from cases.admin.verification import DeskCheckForm
from cases.enums import CaseStage, VerificationSource
from cases.rules.lifecycle import CASE, OPEN_STAGES
from cases.services.casework import cases, circumstances, contacts, mutes, verification
from cases.services.decisions import complaints, proposing

NOT_VISITING = OPEN_STAGES - {CaseStage.ON_HOLD, CaseStage.VISITING}


class CaseButtons:
    """What people do with a case."""

    @button(
        label=_("Take"),
        permission="cases.work_case",
        states=OPEN_STAGES,
        icon="back_hand",
        variant=PRIMARY,
        text=_("The case becomes yours."),
        done=_("The case is yours."),
    )
    def take(self, press: Press) -> None:
        cases.assign_case(case=press.record, owner=press.actor, actor=press.actor, at=press.at)

    @button(
        label=_("Assign"),
        permission="cases.work_case",
        states=OPEN_STAGES,
        form=AssignForm,
        icon="person_add",
        done=_("The case is assigned."),
    )
    def assign(self, press: Press) -> None:
        cases.assign_case(case=press.record, owner=press.values["owner"], actor=press.actor, at=press.at)

    @button(
        label=_("Write a note"),
        permission="cases.work_case",
        form=NoteForm,
        states=OPEN_STAGES,
        icon="edit_note",
        done=_("The note is in the timeline."),
    )
    def note(self, press: Press) -> None:
        cases.note_case(
            case=press.record,
            text=press.values["text"],
            next_action_on=press.values["next_action_on"],
            actor=press.actor,
            at=press.at,
        )

    @button(
        label=_("Put on hold"),
        permission="cases.work_case",
        form=HoldForm,
        icon="pause_circle",
        states=CASE.step("hold").sources,
        done=_("The case is on hold."),
    )
    def hold(self, press: Press) -> None:
        cases.hold_case(
            case=press.record,
            until=press.values["until"],
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
        )

    @button(
        label=_("Resume"),
        permission="cases.work_case",
        icon="play_circle",
        states=CASE.step("resume").sources,
        done=_("The case is in work again."),
    )
    def resume(self, press: Press) -> None:
        cases.resume_case(case=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Ask for a visit"),
        permission="cases.work_case",
        form=VisitForm,
        icon="door_front",
        states=NOT_VISITING,
        text=_("The dispatcher sees the wish at once; whether a visit is lawful is checked again before it is sent."),
        done=_("The dispatcher knows that a visit is needed."),
    )
    def ask_for_visit(self, press: Press) -> None:
        cases.ask_for_visit(case=press.record, by=press.values["by"], actor=press.actor, at=press.at)

    @button(
        label=_("Record a desk check"),
        permission="cases.record_verification",
        form=DeskCheckForm,
        icon="fact_check",
        page=True,
        states=OPEN_STAGES,
        text=_("What was established by telephone or from papers. Leave a section as not established if it was not."),
        done=_("The facts are recorded. What follows from them stands under decisions."),
    )
    def desk_check(self, press: Press) -> None:
        verification.record_verification(
            case=press.record,
            source=VerificationSource.DESK,
            source_ref=press.values["source_ref"],
            findings=(),
            facts=press.values["facts"],
            right_party_met=press.values["right_party_met"],
            cooperative=press.values["cooperative"],
            verified_on=press.business_date,
            actor=press.actor,
            at=press.at,
        )

    @button(
        label=_("Propose a decision"),
        permission="cases.propose_decision",
        form=ProposeForm,
        icon="gavel",
        states=CASE.step("decide").sources,
        text=_("Another person approves it."),
        done=_("The decision waits for approval."),
    )
    def propose(self, press: Press) -> None:
        proposing.propose_decision(case=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Propose a repayment plan"),
        permission="cases.propose_decision",
        form=PlanForm,
        icon="calendar_month",
        page=True,
        states=CASE.step("decide").sources,
        text=_("First look at the plan beside two others; nothing is proposed before you choose one of them."),
        submit=_("Show the plans"),
        done=_("The plan waits for approval."),
    )
    def propose_plan(self, press: Press) -> Any:
        return plan_asked(model_admin=self, press=press)

    @button(
        label=_("Propose a waiver"),
        permission="cases.propose_decision",
        form=WaiverForm,
        icon="money_off",
        page=True,
        states=CASE.step("decide").sources,
        text=_(
            "Penalty interest or interest is waived once, if the borrower pays the rest by the day. The amount is held in the concession budget from now on; another person approves."
        ),
        done=_("The waiver waits for approval; its amount is held in the budget."),
    )
    def propose_waiver(self, press: Press) -> None:
        propose_waiver(press)

    @button(
        label=pgettext_lazy("to end a case", "Close"),
        permission="cases.work_case",
        form=CloseForm,
        icon="task_alt",
        states=OPEN_STAGES,
        variant=WARNING,
        done=_("The case is closed."),
    )
    def close(self, press: Press) -> None:
        cases.close_case(
            case=press.record, reason=press.values["reason"], note=press.values["note"], actor=press.actor, at=press.at
        )

    @button(
        label=_("Note a circumstance"),
        permission="cases.flag_borrower",
        form=FlagForm,
        icon="flag",
        done=_("The circumstance is noted and counts from now on."),
    )
    def set_flag(self, press: Press) -> None:
        circumstances.set_flag(borrower=press.record.borrower, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("End a circumstance"),
        permission="cases.flag_borrower",
        form=ClearFlagForm,
        icon="outlined_flag",
        done=_("The circumstance has ended."),
    )
    def clear_flag(self, press: Press) -> None:
        circumstances.clear_flag(borrower=press.record.borrower, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Show personal data"),
        permission="cases.reveal_borrower",
        form=PurposeForm,
        icon="visibility",
        variant=WARNING,
        text=SHOWN_ONCE,
    )
    def reveal(self, press: Press) -> HttpResponse:
        return revealed(press=press, borrower=press.record.borrower)

    @button(
        label=_("Note a contact"),
        permission="cases.record_contact",
        form=ContactForm,
        icon="call",
        states=OPEN_STAGES,
        done=_("The contact is noted."),
    )
    def record_contact(self, press: Press) -> None:
        contacts.record_contact(borrower=press.record.borrower, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Receive a complaint"),
        permission="cases.receive_complaint",
        form=ComplaintForm,
        icon="feedback",
        text=_("Answered by somebody who took no part, within 15 days. Never a reason to lower anybody."),
        done=_("The complaint is received; what it is about rests until it is answered."),
    )
    def receive_complaint(self, press: Press) -> None:
        complaints.receive_complaint(
            borrower=press.record.borrower, case=press.record, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Mute a reason"),
        permission="cases.mute_rule",
        form=MuteForm,
        icon="notifications_off",
        text=_("The reason does not count for this borrower until the day given. Its hits are recorded all the same."),
        done=_("The reason is muted from the next evaluation on."),
    )
    def mute(self, press: Press) -> None:
        mutes.mute_rule(borrower=press.record.borrower, actor=press.actor, at=press.at, **press.values)

"""All roles on one page: what each does, how far it sees, what it may."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.access.permission_groups import (
    AGENCY_PROGRAM,
    AGREEMENTS,
    CASEWORK,
    CONTACT_WORK,
    CREW_ENTRY,
    DOORSTEP,
    FIRM_CONFIRMATION,
    FIRM_ENTRY,
    FIRMS,
    INTAKE,
    LEGAL_WORK,
    OWN_VISITS,
    PLANNING,
    POLICY,
    PORTFOLIO,
    PRICES,
    PROFILES,
    REPORTS,
    REVIEWING,
    SCHEDULES,
    STAND_INS,
    STATEMENTS,
    TRAIL,
    view,
)
from backoffice.core.reach import Reach


class Role(TextChoices):
    """Who uses the back office. One person has one role."""

    RISK_MANAGER = "RISK_MANAGER", _("Risk manager")
    APPROVER = "APPROVER", _("Approver")
    CASE_OFFICER = "CASE_OFFICER", _("Case officer")
    DISPATCHER = "DISPATCHER", _("Dispatcher")
    AGENCY_COORDINATOR = "AGENCY_COORDINATOR", _("Agency coordinator")
    CREW = "CREW", _("Crew member")
    REVIEWER = "REVIEWER", _("Reviewer")
    AUDITOR = "AUDITOR", _("Auditor")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")
    MACHINE = "MACHINE", _("Machine client")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCard:
    """One role as staff read it: purpose, reach and permissions."""

    does: str | Promise
    reach: Reach
    permissions: frozenset[str]


CARDS: dict[str, RoleCard] = {
    Role.RISK_MANAGER: RoleCard(
        does=_("Writes policies, backtests them and reads what visits achieve"),
        reach=Reach.ALL,
        permissions=frozenset(
            PORTFOLIO
            | POLICY
            | CASEWORK
            | DOORSTEP
            | FIRMS
            | FIRM_CONFIRMATION
            | PLANNING
            | INTAKE
            | REPORTS
            | STATEMENTS
            | PRICES
            | {
                "cases.add_policyversion",
                "cases.change_policyversion",
                "cases.submit_policyversion",
                "cases.run_policytrial",
                "cases.run_evaluation",
                "cases.mute_rule",
                "cases.raise_strategyupgrade",
                "cases.change_intakeprofile",
                "cases.add_intakeprofile",
                "cases.approve_intakeprofile",
                "cases.run_intake",
                "cases.settle_missing",
                "cases.suggest_personmerge",
                "cases.decide_personmerge",
                "cases.reveal_intakereject",
                "cases.release_intakereject",
                "cases.add_concessionbudget",
                "cases.add_holidaynotice",
                "cases.change_holidaynotice",
                "cases.change_contactsource",
                "reports.change_costrate",
                "reports.add_costrate",
                "reports.request_exportjob",
                "reports.draw_experimentarm",
                "visits.suspend_agency",
                "visits.evaluate_agency",
                "visits.prepare_agencystatement",
            }
        ),
    ),
    Role.APPROVER: RoleCard(
        does=_("Approves policies, intake profiles, holidays, agencies, visits, decisions and exports of others"),
        reach=Reach.TERRITORY,
        permissions=frozenset(
            PORTFOLIO
            | POLICY
            | CASEWORK
            | DOORSTEP
            | FIRMS
            | FIRM_CONFIRMATION
            | PLANNING
            | PROFILES
            | REPORTS
            | STAND_INS
            | STATEMENTS
            | {
                "cases.approve_policyversion",
                "cases.approve_intakeprofile",
                "cases.change_holidaynotice",
                "cases.confirm_holidaynotice",
                "cases.release_run",
                "cases.add_breakerlimit",
                "cases.change_breakerlimit",
                "cases.approve_decision",
                "cases.reject_decision",
                "cases.reverse_decision",
                "cases.confirm_concessionbudget",
                "cases.decide_personmerge",
                "cases.approve_strategyupgrade",
                "visits.approve_visitorder",
                "visits.approve_agencystatement",
                "cases.decide_complaint",
                "reports.approve_exportjob",
                "reports.approve_legalbundle",
            }
        ),
    ),
    Role.CASE_OFFICER: RoleCard(
        does=_("Works cases, checks facts at the desk, proposes plans and decisions"),
        reach=Reach.TERRITORY,
        permissions=frozenset(
            PORTFOLIO
            | CASEWORK
            | DOORSTEP
            | AGREEMENTS
            | CONTACT_WORK
            | LEGAL_WORK
            | REPORTS
            | {
                "cases.work_case",
                "cases.record_verification",
                "cases.propose_decision",
                "cases.flag_borrower",
                "cases.settle_doubtfulcell",
                "cases.suggest_personmerge",
                "cases.reveal_borrower",
                "cases.receive_complaint",
                "cases.report_letterdelivery",
                "cases.decide_complaint",
                "visits.request_visitorder",
                "visits.handle_letteranswer",
                "visits.answer_callback",
                "visits.settle_contradiction",
                "cases.answer_suspicionsignal",
                "reports.request_exportjob",
            }
        ),
    ),
    Role.DISPATCHER: RoleCard(
        does=_("Enters agencies and crews, places cases, plans routes, issues letters"),
        reach=Reach.TERRITORY,
        permissions=frozenset(
            view(
                "cases",
                "case",
                "caseevent",
                "borrower",
                "address",
                "borrowerflag",
                "account",
                "triggerhit",
                "holidaynotice",
            )
            | DOORSTEP
            | FIRMS
            | FIRM_ENTRY
            | CREW_ENTRY
            | PLANNING
            | {
                "visits.confirm_crewmember",
                "visits.request_visitorder",
                "visits.dispatch_visitorder",
                "visits.cancel_visitorder",
                "visits.place_placement",
                "visits.recall_placement",
                "visits.return_placement",
                "visits.evaluate_agency",
                "visits.handle_letteranswer",
            }
            | (AGREEMENTS | view("visits", "letteranswer", "visitagreement"))
        ),
    ),
    Role.AGENCY_COORDINATOR: RoleCard(
        does=_("Outside firm: names crews, accepts orders, submits reports"),
        reach=Reach.AGENCY,
        permissions=frozenset(
            DOORSTEP
            | view("visits", "agency", "crewmember", "crewcertificate", "crewdevice")
            | STATEMENTS
            | AGENCY_PROGRAM
            | {"visits.return_placement"}
        ),
    ),
    Role.CREW: RoleCard(
        does=_("Outside firm: today's visits, check-in, report and evidence"),
        reach=Reach.CREW,
        permissions=frozenset(OWN_VISITS),
    ),
    Role.REVIEWER: RoleCard(
        does=_("Accepts or returns visit reports and scores their evidence"),
        reach=Reach.TERRITORY,
        permissions=frozenset(
            view(
                "cases",
                "case",
                "caseevent",
                "borrower",
                "address",
                "account",
                "verification",
                "verifiedfact",
                "triggerhit",
            )
            | DOORSTEP
            | FIRMS
            | REVIEWING
        ),
    ),
    Role.AUDITOR: RoleCard(
        does=_("Reads everything masked, and who did and saw what"),
        reach=Reach.ALL,
        permissions=frozenset(
            PORTFOLIO
            | POLICY
            | CASEWORK
            | DOORSTEP
            | FIRMS
            | PLANNING
            | INTAKE
            | REPORTS
            | STATEMENTS
            | TRAIL
            | view("access", "user", "territory", "credentialrequest", "standin")
            | {"audit.verify_chain", "reports.request_exportjob"}
        ),
    ),
    Role.ADMINISTRATOR: RoleCard(
        does=_("Keeps users, keys, schedules and agencies; decides no case"),
        reach=Reach.CONFIGURATION,
        permissions=frozenset(
            {f"access.{verb}_{name}" for verb in ("view", "add", "change") for name in ("user", "territory")}
            | {"access.view_credentialrequest", "access.decide_credentialrequest"}
            | STAND_INS
            | SCHEDULES
            | {f"oauth2_provider.{verb}_application" for verb in ("view", "add", "change", "delete")}
            | {f"outbox.{verb}_webhookendpoint" for verb in ("view", "add", "change", "delete")}
            | view("outbox", "outboxevent", "webhookdelivery")
            | {"outbox.replay_webhookdelivery"}
            | view("axes", "accessattempt", "accesslog", "accessfailurelog")
            | FIRMS
            | FIRM_ENTRY
            | INTAKE
            | {
                "cases.add_retentionrule",
                "cases.change_retentionrule",
                "cases.add_intakeprofile",
                "cases.change_intakeprofile",
                "cases.run_intake",
                "cases.settle_missing",
                "cases.release_intakereject",
                "audit.verify_chain",
            }
            | view("reports", "costrate")
            | POLICY
        ),
    ),
    Role.MACHINE: RoleCard(
        does=_("A program: core lending, agency apps, business intelligence; limited by its scopes"),
        reach=Reach.ALL,
        permissions=frozenset(),
    ),
}

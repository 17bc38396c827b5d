"""The cards of the home page: one for each kind of waiting work, with where it leads and what to do when nothing waits."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card of one kind of waiting work. `next_step` is shown when nothing waits."""

    title: str | Promise
    icon: str
    page: str
    query: str = ""
    # The name of a page that is no list, for a desk of its own.
    desk: str = ""
    next_step: str | Promise


CARDS: dict[str, Card] = {
    "cases_due": Card(
        title=_("Cases due today"),
        icon="folder_open",
        page="cases_case",
        query="stage__in=OPEN,IN_WORK,VERIFIED",
        next_step=_("No case is due. Take the next one from the case list."),
    ),
    "complaints_near": Card(
        title=_("Complaints near their day"),
        icon="feedback",
        page="cases_complaint",
        query="answered_at__isnull=True",
        next_step=_("Every complaint is answered or has time."),
    ),
    "decisions_to_approve": Card(
        title=_("Decisions to approve"),
        icon="gavel",
        page="cases_decision",
        query="waiting=mine",
        next_step=_("Nothing to approve. New proposals follow from verifications."),
    ),
    "terms_in_trouble": Card(
        title=_("Terms in trouble"),
        icon="balance",
        page="cases_accountterm",
        query="trouble__in=REFUSED,SILENT,OTHER_VALUE,DIFFERS",
        next_step=_("Core and decisions agree on every term."),
    ),
    "visits_to_approve": Card(
        title=_("Visits to approve"),
        icon="approval",
        page="visits_visitorder",
        query="state__exact=DRAFT",
        next_step=_("No visit awaits approval."),
    ),
    "versions_to_approve": Card(
        title=_("Policies to approve"),
        icon="policy",
        page="cases_policyversion",
        query="state__exact=SUBMITTED",
        next_step=_("No policy version awaits approval."),
    ),
    "upgrades_to_approve": Card(
        title=_("Strategy upgrades to approve"),
        icon="campaign",
        page="cases_strategyupgrade",
        query="approved_by__isnull=True",
        next_step=_("No strategy upgrade awaits approval."),
    ),
    "exports_to_approve": Card(
        title=_("Exports to approve"),
        icon="download",
        page="reports_exportjob",
        query="state__exact=REQUESTED",
        next_step=_("No export awaits approval."),
    ),
    "bundles_to_approve": Card(
        title=_("Bundles for legal recovery to approve"),
        icon="folder_zip",
        page="reports_legalbundle",
        query="state__exact=REQUESTED",
        next_step=_("No bundle awaits approval."),
    ),
    "visits_needed": Card(
        title=_("Cases that need a visit"),
        icon="home_pin",
        page="cases_case",
        query="needs_visit_by__isnull=False",
        next_step=_("No case waits for a visit. The next evaluation may bring some."),
    ),
    "visits_to_schedule": Card(
        title=_("Visits to schedule"),
        icon="event",
        desk="visits_day_desk",
        page="visits_visitorder",
        query="state__exact=APPROVED",
        next_step=_("Every approved visit has its window."),
    ),
    "visits_to_accept": Card(
        title=_("Visits to accept"),
        icon="assignment_turned_in",
        page="visits_visitorder",
        query="state__exact=SCHEDULED",
        next_step=_("Nothing to accept. New orders come from the lender's dispatcher."),
    ),
    "visits_today": Card(
        title=_("Visits today"),
        icon="directions_walk",
        page="visits_visitorder",
        query="state__in=SCHEDULED,ACCEPTED,EN_ROUTE,CHECKED_IN",
        next_step=_("No visit is planned for today."),
    ),
    "reports_returned": Card(
        title=_("Reports to redo"),
        icon="undo",
        page="visits_visitorder",
        query="state__exact=RETURNED",
        next_step=_("No report was returned."),
    ),
    "statements_to_answer": Card(
        title=_("Statements to answer"),
        icon="request_quote",
        page="visits_agencystatement",
        query="state__exact=SENT",
        next_step=_("No statement waits for your answer. They come in the first days of each month."),
    ),
    "statements_to_approve": Card(
        title=_("Statements to approve"),
        icon="request_quote",
        page="visits_agencystatement",
        query="state__in=SENT,ACCEPTED",
        next_step=_("No statement of an agency awaits approval."),
    ),
    "disputes_to_answer": Card(
        title=_("Disputed lines to answer"),
        icon="feedback",
        page="visits_statementline",
        query="state__exact=DISPUTED",
        next_step=_("No agency disputes a line of its statement."),
    ),
    "reports_to_review": Card(
        title=_("Reports to review"),
        icon="fact_check",
        page="visits_visitorder",
        query="state__in=REPORTED,UNDER_REVIEW,SECOND_REVIEW",
        next_step=_("Every report is reviewed."),
    ),
    "call_backs_due": Card(
        title=_("Borrowers to call back"),
        icon="phone_callback",
        page="visits_callback",
        query="state__exact=OPEN",
        next_step=_("Nobody is to be asked about a visit."),
    ),
    "fees_to_settle": Card(
        title=_("Fees to settle after a call-back"),
        icon="payments",
        page="visits_callback",
        query="state__exact=ANSWERED&fee__exact=WAITS",
        next_step=_("No fee waits for a decision."),
    ),
    "letters_undelivered": Card(
        title=_("Letters that did not arrive"),
        icon="mail",
        page="cases_decisionletter",
        query="arrival=late",
        next_step=_("Every letter about a decision arrived, or has time."),
    ),
    "letter_answers": Card(
        title=_("Answers to letters"),
        icon="contact_mail",
        page="visits_letteranswer",
        query="handled_at__isnull=True",
        next_step=_("Every answer to a letter is handled."),
    ),
    "certificates_due": Card(
        title=_("Certificates of return due"),
        icon="assignment_return",
        page="visits_placement",
        query="certificate_ref__exact=&certificate_due_on__isnull=False",
        next_step=_("No certificate of return or deletion is due."),
    ),
    "runs_in_trouble": Card(
        title=_("Runs in trouble"),
        icon="report",
        page="cases_evaluationrun",
        next_step=_("Every run finished, nothing was set aside."),
    ),
    "intake_in_trouble": Card(
        title=_("Files with rejected rows"),
        icon="upload_file",
        page="cases_intakefile",
        query="rejected_count__gt=0",
        next_step=_("The files of this week came in whole."),
    ),
    "doubts_open": Card(
        title=_("Doubtful values"),
        icon="rule",
        page="cases_doubtfulcell",
        query="state__exact=OPEN",
        next_step=_("No value of a file waits for a look."),
    ),
    "merges_to_decide": Card(
        title=_("Suggested merges"),
        icon="merge",
        page="cases_personmerge",
        query="state__in=SUGGESTED,PART_SUGGESTED",
        next_step=_("No borrowers wait to be compared. Those with one identity number come here."),
    ),
    "crew_to_confirm": Card(
        title=_("Crew members to confirm"),
        icon="badge",
        page="visits_crewmember",
        query="state__exact=ENTERED",
        next_step=_("No crew member awaits confirmation."),
    ),
    "papers_to_confirm": Card(
        title=_("Agencies' papers to confirm"),
        icon="description",
        page="visits_agencycredential",
        query="state__exact=ENTERED",
        next_step=_("No paper awaits confirmation."),
    ),
    "prices_to_confirm": Card(
        title=_("Prices to confirm"),
        icon="price_change",
        page="visits_pricecard",
        query="state__exact=ENTERED",
        next_step=_("No price awaits confirmation."),
    ),
    "papers_expiring": Card(
        title=_("Agencies' papers that end within 30 days"),
        icon="event_busy",
        page="visits_agencycredential",
        query="expires=soon",
        next_step=_("Every agency has papers for the next 30 days."),
    ),
    "deliveries_dead": Card(
        title=_("Deliveries given up"),
        icon="error",
        page="outbox_webhookdelivery",
        query="state__exact=DEAD",
        next_step=_("Every event reached its address or is on its way."),
    ),
}

"""Permissions that several roles share, by part of the loop."""


def view(app: str, *names: str) -> set[str]:
    """Return the permissions to see records of these models of an app."""
    return {f"{app}.view_{name}" for name in names}


PORTFOLIO = view(
    "cases",
    "borrower",
    "person",
    "personmerge",
    "sharednumber",
    "borrowerphone",
    "address",
    "application",
    "borrowerflag",
    "account",
    "statement",
    "repayment",
    "repaymentreversal",
    "contactattempt",
    "contactpermit",
    "contactbreach",
    "contactsource",
    "contactwish",
    "contactstop",
    "promisetopay",
    "suspicionsignal",
    "doubtfulcell",
    "relatedperson",
    "scheduledinstalment",
    "accountfacts",
    "termschange",
    "termsmeasure",
    "accountterm",
)
POLICY = view(
    "cases",
    "policy",
    "policyversion",
    "policyterm",
    "evaluationrun",
    "evaluationchunk",
    "quarantine",
    "strategyupgrade",
    "runpolicy",
    "retentionrule",
    "breakerlimit",
    "dueevaluation",
    "visitprice",
    "recoveryshare",
    "holidaynotice",
    "policytrial",
    "shadowrun",
    "observedoutcome",
)
# How far reports are trusted, borrowers who are asked back, what sources contradict: for the lender's own people, so that no test is known outside.
TRUST = view("visits", "reporttrust", "callback", "secondreview", "contradiction")
CASEWORK = (
    TRUST
    | view(
        "cases",
        "case",
        "caseevent",
        "triggerhit",
        "rulemute",
        "verification",
        "verifiedfact",
        "decision",
        "repaymentplan",
        "planinstalment",
        "waiver",
        "concessionbudget",
        "complaint",
        "decisionletter",
        "letterdelivery",
        "legalstep",
    )
    | view("visits", "letteranswer", "visitagreement")
)
DOORSTEP = view(
    "visits",
    "placement",
    "visitorder",
    "visitreport",
    "reportsection",
    "documentseen",
    "evidence",
    "review",
    "checkin",
)
# Judging reports, and asking borrowers back, within the contacts that they may have.
REVIEWING = TRUST | {
    "visits.review_visitorder",
    "visits.answer_callback",
    "visits.settle_callback",
    "visits.settle_contradiction",
    "cases.answer_suspicionsignal",
    "cases.ask_contactpermit",
}
# What borrowers agree to about visits, recorded by the lender's own people and never by those who go there.
AGREEMENTS = {"visits.add_visitagreement", "visits.change_visitagreement"}
# What was heard from borrowers and agreed about contacts.
CONTACT_WORK = {
    "cases.record_contact",
    "cases.ask_contactpermit",
    "cases.add_contactwish",
    "cases.change_contactwish",
    "cases.add_contactstop",
}
# What a crew member sees and does of their own visits, with their own phone.
OWN_VISITS = view(
    "visits",
    "visitorder",
    "visitreport",
    "reportsection",
    "documentseen",
    "evidence",
    "checkin",
    "crewdevice",
) | {"visits.report_visitorder", "visits.checkin_visitorder"}
# The steps of legal recovery, and the request for the documents that a court needs.
LEGAL_WORK = {"cases.record_legalstep", "reports.request_legalbundle"}
# Who decides for an approver who is away.
STAND_INS = {"access.view_standin", "access.add_standin", "access.change_standin"}
SCHEDULES = {
    f"django_celery_beat.{verb}_{name}"
    for verb in ("view", "add", "change", "delete")
    for name in ("periodictask", "crontabschedule", "intervalschedule")
}
# What a visit costs where no price card says it, and which share of arrears is usually recovered.
PRICES = {
    "cases.add_visitprice",
    "cases.change_visitprice",
    "cases.add_recoveryshare",
    "cases.change_recoveryshare",
    "cases.delete_recoveryshare",
}
PLANNING = view("visits", "planningrun")
FIRMS = view(
    "visits",
    "agency",
    "agencyterritory",
    "agencycredential",
    "contractrenewal",
    "pricecard",
    "agencyevaluation",
    "crewmember",
    "crewcertificate",
    "crewdevice",
    "sweepline",
)
# The people of agencies, by whoever enters them.
CREW_ENTRY = {"visits.add_crewmember", "visits.change_crewmember"}
# What one person enters about an agency, and what another one confirms.
FIRM_ENTRY = {
    "visits.add_agency",
    "visits.change_agency",
    "visits.add_agencycredential",
    "visits.add_pricecard",
}
FIRM_CONFIRMATION = {
    "visits.admit_agency",
    "visits.confirm_agencycredential",
    "visits.confirm_pricecard",
    "visits.confirm_crewmember",
}
# What agencies are paid; not for those who decide what a visit found.
STATEMENTS = view("visits", "agencystatement", "statementline")
# What an agency's program does for its agency.
AGENCY_PROGRAM = CREW_ENTRY | {
    "visits.accept_visitorder",
    "visits.report_visitorder",
    "visits.answer_agencystatement",
}
# Maps of columns; they hold no data of a borrower.
PROFILES = view("cases", "intakeprofile", "intakeprofileversion")
INTAKE = PROFILES | view("cases", "intakefile", "intakereject", "intakedifference", "intakemissing")
REPORTS = view("reports", "dailyposition", "costrate", "experimentarm", "exportjob", "legalbundle") | {
    "reports.view_effectiveness"
}
TRAIL = view("audit", "auditentry", "accessentry") | view("outbox", "outboxevent", "webhookendpoint", "webhookdelivery")

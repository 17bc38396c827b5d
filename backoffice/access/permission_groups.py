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
    "borrowerflag",
    "account",
    "statement",
    "repayment",
    "repaymentreversal",
    "contactattempt",
    "promisetopay",
    "suspicionsignal",
    "doubtfulcell",
    "relatedperson",
    "scheduledinstalment",
    "accountfacts",
    "termschange",
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
CASEWORK = view(
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
    "complaint",
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
PLANNING = view("visits", "planningrun")
FIRMS = view("visits", "agency", "agencyterritory", "pricecard", "agencyevaluation", "crewmember", "crewcertificate")
# Maps of columns; they hold no data of a borrower.
PROFILES = view("cases", "intakeprofile", "intakeprofileversion")
INTAKE = PROFILES | view("cases", "intakefile", "intakereject", "intakedifference", "intakemissing")
REPORTS = view("reports", "dailyposition", "costrate", "experimentarm", "exportjob") | {"reports.view_effectiveness"}
TRAIL = view("audit", "auditentry", "accessentry") | view("outbox", "outboxevent", "webhookendpoint", "webhookdelivery")

"""What the running role may do with each table: less than everything only where it is listed here."""

from typing import Final

from backoffice.core.database_roles import TableRights

DATABASE_RIGHTS: Final = TableRights(
    # Written by triggers and migrations alone.
    read_only=frozenset({"django_migrations", "audit_audithead"}),
    # A row is inserted once and never changed.
    append_only=frozenset(
        {
            "audit_auditentry",
            "audit_accessentry",
            "cases_caseevent",
            "cases_legalstep",
            "cases_letterdelivery",
            "cases_verification",
            "cases_verifiedfact",
            "visits_agencyevaluation",
            "visits_review",
            "visits_secondreview",
        }
    ),
    # A row changes with its state and is never deleted.
    never_deleted=frozenset(
        {
            "access_user",
            "cases_account",
            "cases_borrower",
            "cases_borrowerflag",
            "cases_case",
            "cases_complaint",
            "cases_concessionbudget",
            "cases_contactattempt",
            "cases_decision",
            "cases_decisionletter",
            "cases_doubtfulcell",
            "cases_evaluationrun",
            "cases_holidaynotice",
            "cases_intakefile",
            "cases_intakeprofile",
            "cases_intakeprofileversion",
            "cases_mergedborrower",
            "cases_person",
            "cases_personmerge",
            "cases_policyterm",
            "cases_policyversion",
            "cases_promisetopay",
            "cases_repayment",
            "cases_repaymentplan",
            "cases_repaymentreversal",
            "cases_statement",
            "cases_strategyupgrade",
            "cases_accountterm",
            "cases_termschange",
            "cases_triggerhit",
            "cases_waiver",
            "outbox_outboxevent",
            "reports_exportjob",
            "reports_legalbundle",
            "visits_agency",
            "visits_agencycredential",
            "visits_callback",
            "visits_contractrenewal",
            "visits_crewdevice",
            "visits_crewmember",
            "visits_evidence",
            "visits_letteranswer",
            "visits_placement",
            "visits_visitagreement",
            "visits_visitorder",
            "visits_visitreport",
        }
    ),
    # The intake refreshes their statistics, which from PostgreSQL 17 on a right of its own allows.
    analysed=frozenset(
        {
            "cases_account",
            "cases_address",
            "cases_application",
            "cases_borrower",
            "cases_borrowerphone",
            "cases_contactattempt",
            "cases_doubtfulcell",
            "cases_promisetopay",
            "cases_relatedperson",
            "cases_repayment",
            "cases_repaymentreversal",
            "cases_scheduledinstalment",
            "cases_statement",
        }
    ),
    # Functions that act with the owner's rights; each checks what it is given.
    functions=(
        "make_month(regclass, date)",
        "drop_month(regclass, date)",
        "audit_lock_head(integer)",
    ),
)

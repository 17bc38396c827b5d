"""The sweep bench's cases and agencies, and its floor: the same facts read and the same rows written by bare SQL."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from backoffice.access.models import Territory, User
from backoffice.bench.portfolio import BUSINESS_DATE
from backoffice.core.sealed.sealing import seal_all
from cases.models import Borrower
from cases.services.policies import versions
from visits.enums import AgencyState
from visits.models import Agency, AgencyTerritory
from visits.selectors.persons import PLACE

_CASES: Final = (
    """
INSERT INTO cases_address (borrower_id, external_ref, kind, line, point, adcode, is_rural, source, confidence, verdict,
                           created_at, updated_at)
SELECT id, 'D' || id, 'RESIDENCE', '\\x00'::bytea, ''::bytea, '310000', false, 'bench', 1, 'UNKNOWN', now(), now()
FROM cases_borrower WHERE id % 40 <> 0""",
    """
INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, needs_visit_by, close_reason,
                        policy_version_id, created_at, updated_at)
SELECT b.id, b.territory_id, 'OPEN', 'C', 3, %(on)s, %(on)s::date + 10, %(on)s::date + 7 + (b.id % 7)::int, '',
       %(version)s, now(), now()
FROM (SELECT DISTINCT borrower_id FROM cases_account WHERE arrears_amount > 0 ORDER BY 1 LIMIT %(scale)s) a
JOIN cases_borrower b ON b.id = a.borrower_id""",
    """
INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
SELECT min(a.id), a.borrower_id, %(rule)s, %(version)s, %(on)s, '{}', false, now()
FROM cases_account a JOIN cases_case c ON c.borrower_id = a.borrower_id WHERE a.arrears_amount > 0 GROUP BY 2""",
    "UPDATE cases_promisetopay SET state = 'OPEN', settled_on = NULL, due_on = %(on)s::date + 20 WHERE id % 7 = 0",
)

# What the guard's facts come from, for all cases that are due, in the form in which the database keeps them.
_FACTS: Final = """
CREATE TEMPORARY TABLE floor_facts ON COMMIT DROP AS
WITH due AS (
    SELECT c.id, c.borrower_id, c.territory_id FROM cases_case c
    WHERE c.needs_visit_by IS NOT NULL AND c.stage NOT IN ('CLOSED', 'ON_HOLD', 'VISITING')
      AND NOT EXISTS (SELECT 1 FROM visits_visitorder o WHERE o.case_id = c.id
                      AND o.state NOT IN ('VERIFIED', 'CANCELLED', 'ABORTED', 'EXPIRED'))
)
SELECT due.*, flags.n AS flags, promise.due_on, attempts.*, hits.rules, owed.amount, paid.paid_on, address.id AS address_id
FROM due
LEFT JOIN (SELECT borrower_id, count(*) n FROM cases_borrowerflag WHERE cleared_at IS NULL GROUP BY 1) flags USING (borrower_id)
LEFT JOIN (SELECT borrower_id, max(due_on) due_on FROM cases_promisetopay WHERE state = 'OPEN' GROUP BY 1) promise
  USING (borrower_id)
LEFT JOIN (SELECT borrower_id AS b, count(*) tries, count(DISTINCT channel) channels,
                  count(DISTINCT (attempted_at AT TIME ZONE 'Asia/Shanghai')::date) days,
                  count(*) FILTER (WHERE right_party) reached
           FROM cases_contactattempt
           WHERE attempted_at BETWEEN %(at)s::timestamptz - interval '90 days' AND %(at)s GROUP BY 1) attempts
  ON attempts.b = due.borrower_id
LEFT JOIN (SELECT borrower_id, string_agg(DISTINCT rule, ' ') rules FROM cases_triggerhit
           WHERE left_on IS NULL AND NOT muted GROUP BY 1) hits USING (borrower_id)
LEFT JOIN (SELECT borrower_id, sum(arrears_amount) amount FROM cases_account WHERE arrears_amount > 0 GROUP BY 1) owed
  USING (borrower_id)
LEFT JOIN (SELECT a.borrower_id, max(r.paid_on) paid_on FROM cases_repayment r JOIN cases_account a ON a.id = r.account_id
           GROUP BY 1) paid USING (borrower_id)
LEFT JOIN (SELECT DISTINCT ON (borrower_id) borrower_id, id FROM cases_address
           WHERE kind = 'RESIDENCE' AND confidence >= 0.7 AND verdict <> 'INVALID'
           ORDER BY borrower_id, last_verified_on DESC NULLS LAST, id DESC) address USING (borrower_id)"""
_PLACED: Final = """
INSERT INTO visits_placement (case_id, agency_id, state, placed_on, term_ends_on, end_reason, certificate_ref, created_at, updated_at)
SELECT f.id, (SELECT min(id) FROM visits_agency) + row_number() OVER (PARTITION BY f.territory_id ORDER BY f.id) %% 4,
       'ACTIVE', %(on)s, %(on)s::date + 90, '', '', %(at)s, %(at)s
FROM floor_facts f JOIN floor_drafted d ON d.case_id = f.id AND d.reason IS NULL"""
_ORDERS: Final = """
INSERT INTO visits_visitorder (case_id, placement_id, address_id, state, purposes, ordinal, reason, valid_until, letter_file,
                               letter_sha256, letter_problem, end_reason, borrower_request_ref, created_at, updated_at)
SELECT f.id, p.id, f.address_id, 'DRAFT', %(purposes)s, 1, f.rules, %(on)s::date + 14, '', '', '', '', '', %(at)s, %(at)s
FROM floor_facts f JOIN visits_placement p ON p.case_id = f.id"""
_EVENTS: Final = """
INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
SELECT case_id, 'VISIT', %(at)s, %(on)s, jsonb_build_object('action', 'request', 'order', 'V' || lpad(id::text, 7, '0'), 'purposes', purposes)
FROM visits_visitorder
UNION ALL
SELECT case_id, 'VISIT', %(at)s, %(on)s,
       jsonb_build_object('action', 'place', 'agency', agency_id::text, 'placement', 'W' || lpad(id::text, 7, '0'))
FROM visits_placement
UNION ALL
SELECT case_id, 'VISIT', %(at)s, %(on)s, jsonb_build_object('action', 'skip', 'skipped', reason)
FROM floor_drafted WHERE reason IS NOT NULL"""
_PASSED: Final = """
INSERT INTO visits_passedover (case_id, reason, since, looked_on)
SELECT case_id, reason, %(on)s, %(on)s FROM floor_drafted WHERE reason IS NOT NULL"""


def make_cases(*, scale: int) -> None:
    """Make `scale` cases that need a visit, with residences, reasons and promises, and four agencies everywhere."""
    version = versions.install_default_policy(effective_from=BUSINESS_DATE - timedelta(days=30), at=timezone.now())
    if version is None:
        raise RuntimeError("The bench needs an empty database.")
    rule = next(rule["code"] for rule in version.body["rules"] if rule.get("needs_visit"))
    params = {"on": BUSINESS_DATE, "scale": scale, "version": version.pk, "rule": rule}
    with connection.cursor() as cursor:
        for sql in _CASES:
            cursor.execute(sql.replace(" % ", " %% "), params)
    _seal_identity_numbers()
    _make_agencies(capacity=scale)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _seal_identity_numbers() -> None:
    """Give everybody with a case an identity number that opens: the age is read from it."""
    people = list(Borrower.objects.filter(cases__isnull=False).values_list("pk", "external_ref"))
    sealed = seal_all(
        texts=[f"310101{1970 + pk % 35}{1 + pk % 12:02}{1 + pk % 28:02}{pk % 1000:03}X" for pk, _reference in people],
        place=PLACE,
        bound_to=[reference for _pk, reference in people],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_borrower b SET id_number = given.sealed"
            " FROM unnest(%s::bigint[], %s::bytea[]) AS given (id, sealed) WHERE given.id = b.id",
            [[pk for pk, _reference in people], sealed],
        )


def _make_agencies(*, capacity: int) -> None:
    clerk = User.objects.create(username="bench-clerk")
    now = timezone.now()
    agencies = Agency.objects.bulk_create(
        Agency(
            code=f"G{number}",
            name=f"机构{number}",
            state=AgencyState.ACTIVE,
            admitted_on=BUSINESS_DATE - timedelta(days=30),
            contract_number=f"W{number}",
            contract_starts_on=BUSINESS_DATE - timedelta(days=30),
            contract_ends_on=BUSINESS_DATE + timedelta(days=400),
            papers_until=BUSINESS_DATE + timedelta(days=400),
            no_subcontract_promise_on=BUSINESS_DATE,
            entered_by=clerk,
            created_at=now,
            updated_at=now,
        )
        for number in range(1, 5)
    )
    AgencyTerritory.objects.bulk_create(
        AgencyTerritory(agency=agency, territory=territory, capacity=capacity)
        for territory in Territory.objects.all()
        for agency in agencies
    )


def keep_drafted() -> None:
    """Keep which cases our sweep drafted and which it passed over: the floor reads the facts, but judges nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE floor_drafted AS SELECT case_id, NULL::text AS reason FROM visits_visitorder"
            " UNION ALL SELECT case_id, reason FROM visits_passedover"
        )


def empty() -> None:
    """Remove what a sweep wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE visits_visitorder, visits_placement, visits_passedover, visits_sweepline, cases_caseevent CASCADE"
        )
        cursor.execute("VACUUM ANALYZE")


def draft(*, at: datetime, business_date: date) -> None:
    """Read the facts of all due cases and write orders, placements, lines and what is passed over, in one transaction."""
    params: dict[str, Any] = {"at": at, "on": business_date, "purposes": ["IDENTITY", "CAPACITY", "CAUSE"]}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FACTS, params)
        cursor.execute("ANALYZE floor_facts")
        for sql in (_PLACED, _ORDERS, _EVENTS, _PASSED):
            cursor.execute(sql, params)

"""Decisions that stand get their measures, and the terms that they touched a base and a version."""

from django.db import migrations

NUMBER = """
UPDATE cases_termschange c SET version = numbered.version
FROM (SELECT id, row_number() OVER (PARTITION BY account_id, field ORDER BY id) AS version FROM cases_termschange) numbered
WHERE numbered.id = c.id;
"""

# The base is what the core had before the first line. If it set another value since, its next file says so.
TERMS = """
INSERT INTO cases_accountterm (account_id, field, base, effective, held, held_before, version, acknowledged_version,
                               acknowledged_at, instructed_at, trouble, updated_at)
SELECT account_id, field, first, coalesce(last, first), coalesce(held, first), first, version, coalesce(answered, 0),
       answered_at, instructed_at, '', now()
FROM (
    SELECT account_id, field, (array_agg(before ORDER BY version))[1] AS first,
           (array_agg(after ORDER BY version DESC) FILTER (WHERE refused_reason = '' OR acknowledged_at IS NOT NULL))[1]
               AS last,
           (array_agg(after ORDER BY version DESC) FILTER (WHERE acknowledged_at IS NOT NULL))[1] AS held,
           max(version) AS version, max(version) FILTER (WHERE acknowledged_at IS NOT NULL) AS answered,
           max(acknowledged_at) AS answered_at, max(created_at) AS instructed_at
    FROM cases_termschange GROUP BY account_id, field
) lines;
"""

# A broken plan's rate goes on, so its measure does too.
MEASURES = """
INSERT INTO cases_termsmeasure (account_id, decision_id, field, mode, amount, way_back, version, began_at, end_reason)
SELECT DISTINCT ON (c.decision_id, c.field)
       c.account_id, c.decision_id, c.field, effect.mode,
       CASE effect.mode WHEN 'CAP' THEN c.after::numeric
                        WHEN 'INCREASE' THEN c.after::numeric - c.before::numeric
                        WHEN 'REDUCTION' THEN c.before::numeric - c.after::numeric
                        WHEN 'CEILING' THEN c.after::numeric END,
       coalesce(d.terms ->> 'way_back', ''), c.version, c.created_at, ''
FROM cases_termschange c
JOIN cases_decision d ON d.id = c.decision_id
LEFT JOIN cases_repaymentplan p ON p.decision_id = d.id
JOIN (VALUES ('GRACE', 'COLLECTION', 'PAUSED'), ('PLAN', 'COLLECTION', 'ON_PLAN'), ('PLAN', 'RATE', 'CEILING'),
             ('SPECIAL_CARE', 'COLLECTION', 'CEASED'), ('LEGAL', 'COLLECTION', 'LEGAL'), ('FREEZE', 'STATUS', 'FROZEN'),
             ('LIMIT_CUT', 'LIMIT', 'CAP'), ('LIMIT_INCREASE', 'LIMIT', 'INCREASE'),
             ('RATE_REDUCTION', 'RATE', 'REDUCTION')) AS effect (kind, field, mode)
  ON effect.kind = d.kind AND effect.field = c.field
WHERE (d.state IN ('APPROVED', 'SENT', 'ACKNOWLEDGED') AND coalesce(p.state, 'ACTIVE') <> 'FULFILLED'
       OR p.state = 'BROKEN' AND c.field = 'RATE')
  AND (effect.mode NOT IN ('INCREASE', 'REDUCTION')
       OR effect.mode = 'INCREASE' AND c.after::numeric > c.before::numeric
       OR effect.mode = 'REDUCTION' AND c.after::numeric < c.before::numeric)
ORDER BY c.decision_id, c.field, c.version;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0045_measures_and_terms")]

    operations = [
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.RunSQL(TERMS, "DELETE FROM cases_accountterm"),
        migrations.RunSQL(MEASURES, "DELETE FROM cases_termsmeasure"),
    ]

"""Terms for versions that came into force before terms were recorded; a version returns to draft from SUBMITTED only."""

from django.db import migrations

# The version in force is last. A retired version that would have begun after it was never in force.
FILL = """
INSERT INTO cases_policyterm
    (policy_id, version_id, effective_from, effective_until, set_by_id, reason, created_at, updated_at)
SELECT policy_id, id, starts_on, lead(starts_on) OVER (PARTITION BY policy_id ORDER BY state = 'ACTIVE', starts_on, number),
       approved_by_id, '', updated_at, updated_at
FROM (
    SELECT v.*, COALESCE(v.effective_from, v.created_at::date) AS starts_on,
           min(COALESCE(v.effective_from, v.created_at::date)) FILTER (WHERE v.state = 'ACTIVE')
               OVER (PARTITION BY v.policy_id) AS in_force_from
    FROM cases_policyversion v
    WHERE v.state = 'ACTIVE' OR (v.state = 'RETIRED' AND v.effective_from IS NOT NULL)
) versions
WHERE state = 'ACTIVE' OR in_force_from IS NULL OR starts_on <= in_force_from
"""

REFUSE = """
CREATE OR REPLACE FUNCTION policy_body_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (
        NEW.body IS DISTINCT FROM OLD.body OR NEW.number <> OLD.number OR NEW.policy_id <> OLD.policy_id
    ) THEN
        RAISE EXCEPTION 'a submitted policy version does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'DRAFT' AND OLD.state NOT IN ('DRAFT', 'SUBMITTED') THEN
        RAISE EXCEPTION 'an approved policy version is no draft again' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

ALLOW = """
CREATE OR REPLACE FUNCTION policy_body_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (NEW.body IS DISTINCT FROM OLD.body OR NEW.number <> OLD.number) THEN
        RAISE EXCEPTION 'a submitted policy version does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_policies_have_segments_and_terms")]

    operations = [
        migrations.RunSQL(FILL, "DELETE FROM cases_policyterm"),
        migrations.RunSQL(REFUSE, ALLOW),
    ]

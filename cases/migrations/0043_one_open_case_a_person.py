"""A person has at most one open case, at one of their borrowers; runs have chunks of people."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Cases of borrowers that are one person already: the most advanced of the open ones stays, as in
# cases/services/merges/joined_cases.py, and the others are closed with a line in both timelines.
JOIN = """
UPDATE cases_case c SET person_id = b.person_id
FROM cases_borrower b WHERE b.id = c.borrower_id AND b.person_id IS NOT NULL;

WITH ranked AS (
    SELECT id, stage, owner_id, needs_visit_by,
           first_value(id) OVER (PARTITION BY person_id ORDER BY array_position(
               ARRAY['MONITORED', 'DECIDED', 'VERIFIED', 'VISITING', 'IN_WORK', 'ON_HOLD', 'OPEN'], stage::text),
               priority, id) AS kept
    FROM cases_case WHERE person_id IS NOT NULL AND stage <> 'CLOSED'
), closed AS (
    UPDATE cases_case c
    SET stage = 'CLOSED', closed_on = GREATEST(c.opened_on, current_date), close_reason = 'JOINED', needs_visit_by = NULL,
        held_until = NULL, next_action_on = NULL, updated_at = now()
    FROM ranked WHERE ranked.id = c.id AND ranked.kept <> c.id
    RETURNING c.id, ranked.kept
), kept AS (
    UPDATE cases_case c
    SET owner_id = COALESCE(c.owner_id, other.owner_id), updated_at = now(),
        needs_visit_by = CASE WHEN c.stage IN ('ON_HOLD', 'VISITING') THEN c.needs_visit_by
                              ELSE LEAST(c.needs_visit_by, other.needs_visit_by) END
    FROM (SELECT kept, min(owner_id) AS owner_id, min(needs_visit_by) AS needs_visit_by FROM ranked
          GROUP BY kept HAVING count(*) > 1) other
    WHERE other.kept = c.id
)
INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
SELECT id, 'CLOSED', now(), current_date, jsonb_build_object('action', 'join', 'reason', 'JOINED', 'case', kept) FROM closed
UNION ALL
SELECT kept, 'STAGE', now(), current_date, jsonb_build_object('action', 'join', 'case', id) FROM closed;

SET CONSTRAINTS ALL IMMEDIATE;
"""

# Compared once for each statement, not for each row: a night inserts many cases, of borrowers without a person.
REFUSE = """
CREATE FUNCTION case_has_person_of_borrower() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = on AS $$
BEGIN
    IF EXISTS (SELECT FROM new_cases c JOIN cases_borrower b ON b.id = c.borrower_id
               WHERE b.person_id IS NOT NULL AND c.person_id IS DISTINCT FROM b.person_id)
        OR EXISTS (SELECT FROM new_cases c JOIN cases_borrower b ON b.id = c.borrower_id
                   WHERE c.person_id IS NOT NULL AND b.person_id IS DISTINCT FROM c.person_id) THEN
        RAISE EXCEPTION 'a case has the person of its borrower' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER case_has_person_of_borrower AFTER INSERT ON cases_case
    REFERENCING NEW TABLE AS new_cases FOR EACH STATEMENT EXECUTE FUNCTION case_has_person_of_borrower();
"""

ALLOW = """
DROP TRIGGER case_has_person_of_borrower ON cases_case;
DROP FUNCTION case_has_person_of_borrower();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_territory_jurisdiction"),
        ("cases", "0042_complaints_say_what_happened_and_when"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="close_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("CURED", "Paid up"),
                    ("TRIGGERS_LEFT", "No reason for a visit remains"),
                    ("SETTLED", "Settled"),
                    ("LEGAL", "Handed to the legal route"),
                    ("SPECIAL_CARE", "Special care"),
                    ("DECISION", "Closed by decision"),
                    ("JOINED", "Joined with another case"),
                ],
                max_length=20,
                verbose_name="closed because",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="cases.person",
                verbose_name="natural person",
            ),
        ),
        migrations.RunSQL(JOIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("stage", "CLOSED"), _negated=True), ("person__isnull", False)),
                fields=("person",),
                name="one_open_case_a_person",
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.AddIndex(
            model_name="borrower",
            index=models.Index(
                condition=models.Q(("person__isnull", False)), fields=["id", "person"], name="borrower_in_person"
            ),
        ),
        migrations.AddField(
            model_name="evaluationchunk",
            name="of_people",
            field=models.BooleanField(default=False, verbose_name="of people"),
        ),
        migrations.AddField(
            model_name="evaluationchunk",
            name="first_hit",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="first new hit"),
        ),
        migrations.AddConstraint(
            model_name="evaluationchunk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_hit__isnull", False), ("of_people", True)),
                    models.Q(("first_hit__isnull", True), ("of_people", False)),
                    _connector="OR",
                ),
                name="chunk_of_people_knows_new_hits",
            ),
        ),
        migrations.RemoveConstraint(model_name="evaluationchunk", name="one_living_chunk_a_range"),
        migrations.AddConstraint(
            model_name="evaluationchunk",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("state", "SPLIT"), _negated=True), ("of_people", False)),
                fields=("run", "lower"),
                name="one_living_chunk_a_range",
            ),
        ),
    ]

"""The sums of a concession budget follow from its waivers, whoever writes them."""

from django.db import migrations

COUNT = """
CREATE FUNCTION concession_is_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE cases_concessionbudget b SET held = b.held + moved.held
        FROM (SELECT budget_id, sum(amount) AS held FROM after_rows GROUP BY budget_id) moved
        WHERE b.id = moved.budget_id;
    ELSE
        UPDATE cases_concessionbudget b SET held = b.held + moved.held, used = b.used + moved.used
        FROM (
            SELECT now.budget_id,
                   sum(CASE WHEN now.state = 'HELD' THEN now.amount ELSE 0 END
                       - CASE WHEN was.state = 'HELD' THEN was.amount ELSE 0 END) AS held,
                   sum(CASE WHEN now.state = 'USED' THEN now.amount ELSE 0 END
                       - CASE WHEN was.state = 'USED' THEN was.amount ELSE 0 END) AS used
            FROM after_rows now JOIN before_rows was ON was.id = now.id
            WHERE now.state <> was.state GROUP BY now.budget_id
        ) moved WHERE b.id = moved.budget_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER concession_is_held AFTER INSERT ON cases_waiver
    REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION concession_is_counted();
CREATE TRIGGER concession_is_counted AFTER UPDATE ON cases_waiver
    REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION concession_is_counted();

CREATE FUNCTION waiver_keeps_its_amount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'HELD' THEN
            RAISE EXCEPTION 'A waiver begins held.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF (NEW.decision_id, NEW.account_id, NEW.budget_id, NEW.part, NEW.due, NEW.amount, NEW.pay, NEW.settle_by)
          IS DISTINCT FROM
          (OLD.decision_id, OLD.account_id, OLD.budget_id, OLD.part, OLD.due, OLD.amount, OLD.pay, OLD.settle_by)
          OR (OLD.state = 'RELEASED' AND NEW.state <> 'RELEASED') THEN
        RAISE EXCEPTION 'Only the state of a waiver changes, and what was released stays released.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waiver_keeps_its_amount BEFORE INSERT OR UPDATE ON cases_waiver
    FOR EACH ROW EXECUTE FUNCTION waiver_keeps_its_amount();

CREATE FUNCTION concession_sums_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Called by the trigger over waivers the depth is two; a statement of a program comes at depth one.
    IF pg_trigger_depth() < 2 AND (
        (TG_OP = 'INSERT' AND (NEW.held, NEW.used) <> (0, 0))
        OR (TG_OP = 'UPDATE' AND (NEW.held, NEW.used) IS DISTINCT FROM (OLD.held, OLD.used))) THEN
        RAISE EXCEPTION 'What a concession budget holds and has used follows from its waivers.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER concession_sums_follow BEFORE INSERT OR UPDATE ON cases_concessionbudget
    FOR EACH ROW EXECUTE FUNCTION concession_sums_follow();
"""
LEAVE = """
DROP TRIGGER concession_sums_follow ON cases_concessionbudget;
DROP FUNCTION concession_sums_follow();
DROP TRIGGER waiver_keeps_its_amount ON cases_waiver;
DROP FUNCTION waiver_keeps_its_amount();
DROP TRIGGER concession_is_counted ON cases_waiver;
DROP TRIGGER concession_is_held ON cases_waiver;
DROP FUNCTION concession_is_counted();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0058_concession_budgets")]

    operations = [migrations.RunSQL(COUNT, LEAVE)]

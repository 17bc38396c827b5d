"""A trigger refuses to change the rules of a policy version after its submission."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION policy_body_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND (NEW.body IS DISTINCT FROM OLD.body OR NEW.number <> OLD.number) THEN
        RAISE EXCEPTION 'a submitted policy version does not change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_body_is_final BEFORE UPDATE ON cases_policyversion
    FOR EACH ROW EXECUTE FUNCTION policy_body_is_final();
"""

ALLOW = """
DROP TRIGGER policy_body_is_final ON cases_policyversion;
DROP FUNCTION policy_body_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]

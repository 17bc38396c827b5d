"""
Inserting an entry moves the head of its chain; nothing else may change or delete a head.

The running role may read heads only. It locks one through a function that runs with the rights of the tables' owner.
"""

from typing import Any

from django.db import migrations

GUARD = """
CREATE FUNCTION audit_lock_head(chain integer) RETURNS TABLE (sequence bigint, hash bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT head.sequence, head.hash FROM {schema}.audit_audithead head WHERE head.id = chain FOR UPDATE
$$;
REVOKE ALL ON FUNCTION audit_lock_head(integer) FROM PUBLIC;

CREATE FUNCTION audit_move_head() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    UPDATE {schema}.audit_audithead SET sequence = NEW.sequence, hash = NEW.hash
    WHERE id = TG_ARGV[0]::integer AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the entry does not follow the end of its chain' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_moves_head AFTER INSERT ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_move_head('1');
CREATE TRIGGER access_entry_moves_head AFTER INSERT ON audit_accessentry
    FOR EACH ROW EXECUTE FUNCTION audit_move_head('2');

CREATE FUNCTION audit_guard_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Depth 2: this trigger runs inside the one of an inserted entry.
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the head of a chain moves with its entries only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_head_follows_entries BEFORE UPDATE OR DELETE ON audit_audithead
    FOR EACH ROW EXECUTE FUNCTION audit_guard_head();
CREATE TRIGGER access_entry_no_truncate BEFORE TRUNCATE ON audit_accessentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

UNGUARD = """
DROP TRIGGER access_entry_no_truncate ON audit_accessentry;
DROP TRIGGER audit_head_follows_entries ON audit_audithead;
DROP TRIGGER access_entry_moves_head ON audit_accessentry;
DROP TRIGGER audit_entry_moves_head ON audit_auditentry;
DROP FUNCTION audit_guard_head();
DROP FUNCTION audit_move_head();
DROP FUNCTION audit_lock_head(integer);
"""


def guard(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        # A fixed search path: a caller cannot put tables of its own before ours.
        cursor.execute(GUARD.format(schema=cursor.fetchone()[0]))


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_access_log_is_a_chain")]

    operations = [migrations.RunPython(guard, lambda apps, schema_editor: schema_editor.execute(UNGUARD))]

from django.db import migrations

GUARD = """
    CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.personal = '{}'::jsonb
           AND to_jsonb(NEW) - 'personal' = to_jsonb(OLD) - 'personal' THEN
            RETURN NEW;  -- shredding of personal data, the one thing that may change
        END IF;
        RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON operators_auditevent
        FOR EACH ROW EXECUTE FUNCTION audit_append_only();
"""
UNGUARD = "DROP TRIGGER audit_append_only ON operators_auditevent; DROP FUNCTION audit_append_only();"


class Migration(migrations.Migration):
    dependencies = [("operators", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]

from django.db import migrations

# The same rule as beneficiaries.domain.identifiers.cns_is_valid, in the words of the database; a test holds them together.
VALID = """
    CREATE FUNCTION cns_is_valid(cns text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT cns ~ '^[12789][0-9]{14}$'
           AND (ascii(substr(cns,  1, 1)) * 15 + ascii(substr(cns,  2, 1)) * 14 + ascii(substr(cns,  3, 1)) * 13
              + ascii(substr(cns,  4, 1)) * 12 + ascii(substr(cns,  5, 1)) * 11 + ascii(substr(cns,  6, 1)) * 10
              + ascii(substr(cns,  7, 1)) *  9 + ascii(substr(cns,  8, 1)) *  8 + ascii(substr(cns,  9, 1)) *  7
              + ascii(substr(cns, 10, 1)) *  6 + ascii(substr(cns, 11, 1)) *  5 + ascii(substr(cns, 12, 1)) *  4
              + ascii(substr(cns, 13, 1)) *  3 + ascii(substr(cns, 14, 1)) *  2 + ascii(substr(cns, 15, 1))
              - 48 * 120) % 11 = 0
           AND (cns ~ '^[789]' OR substr(cns, 12, 3) = '000' OR substr(cns, 12, 4) = '0018')
    $$;
    ALTER TABLE beneficiaries_cnsnumber ADD CONSTRAINT cns_check_digits CHECK (cns_is_valid(number));
"""
INVALID = "ALTER TABLE beneficiaries_cnsnumber DROP CONSTRAINT cns_check_digits; DROP FUNCTION cns_is_valid(text);"

HISTORY = """
    CREATE FUNCTION cns_history_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
           AND to_jsonb(NEW) - 'ended_at' - 'end_reason' = to_jsonb(OLD) - 'ended_at' - 'end_reason' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a CNS in the history only ends, once' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER cns_history_only_ends BEFORE UPDATE OR DELETE ON beneficiaries_cnsnumber
        FOR EACH ROW EXECUTE FUNCTION cns_history_only_ends();
"""
NO_HISTORY = "DROP TRIGGER cns_history_only_ends ON beneficiaries_cnsnumber; DROP FUNCTION cns_history_only_ends();"


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0001_initial")]
    operations = [migrations.RunSQL(VALID, INVALID), migrations.RunSQL(HISTORY, NO_HISTORY)]

from django.db import migrations

# The same as beneficiaries.domain.names.fold, in the words of the database; a test holds them together. Most names are plain
# and take the short way.
FOLD_NAME = r"""
    CREATE FUNCTION fold_name(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
        folded text := name;
    BEGIN
        IF folded !~ '^[A-Z0-9]+( [A-Z0-9]+)*$' THEN
            folded := normalize(translate(folded, E'\'’‘‛´`ʼʹʻʽˈˊˋ′‵＇', ''), NFKD);
            folded := regexp_replace(folded, '[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0'
                '\ufe00-\ufe0f\ufe20-\ufe2f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeffʼ]', '', 'g');
            folded := replace(upper(folded), 'ß', 'SS');
            folded := btrim(regexp_replace(folded, '[^[:alnum:]]+', ' ', 'g'));
        END IF;
        IF folded ~ '\m(D|SANT|D[AE]LL|JN?R)\M| (FO|NTO|SOBR?|III?)$' THEN
            folded := regexp_replace(folded, '\m(D|SANT) (?=[AEIOUH][^ ]{2})', '\1', 'g');
            folded := regexp_replace(folded, '\m(D[AE]LL) (?=[AEIOUH][^ ]{2})', '\1', 'g');
            folded := regexp_replace(folded, '\mJN?R\M', 'JUNIOR', 'g');
            folded := regexp_replace(folded, ' FO$', ' FILHO');
            folded := regexp_replace(folded, ' NTO$', ' NETO');
            folded := regexp_replace(folded, ' SOBR?$', ' SOBRINHO');
            folded := regexp_replace(folded, ' III$', ' TERCEIRO');
            folded := regexp_replace(folded, ' II$', ' SEGUNDO');
        END IF;
        RETURN folded;
    END $$;
"""
REFOLD = """
    UPDATE beneficiaries_person SET name_key = left(fold_name(name), 150)
     WHERE name_key <> left(fold_name(name), 150)
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0008_confirmed_numbers")]
    operations = [
        migrations.RunSQL(FOLD_NAME, "DROP FUNCTION fold_name(text)"),
        migrations.RunSQL(REFOLD, migrations.RunSQL.noop),
    ]

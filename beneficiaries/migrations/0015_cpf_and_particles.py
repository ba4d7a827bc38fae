from django.db import migrations

# The same rules as beneficiaries.domain.identifiers.cpf_is_valid and names.normalise (of a folded name), in the words of
# the database; tests hold them together. Not STRICT and without SET: only so does PostgreSQL put the text of an SQL
# function in the place of the call.
CPF = """
    CREATE FUNCTION cpf_is_valid(cpf text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT cpf ~ '^[0-9]{11}$' AND cpf <> repeat(left(cpf, 1), 11)
           AND (ascii(substr(cpf, 1, 1)) * 10 + ascii(substr(cpf, 2, 1)) * 9 + ascii(substr(cpf, 3, 1)) * 8
              + ascii(substr(cpf, 4, 1)) *  7 + ascii(substr(cpf, 5, 1)) * 6 + ascii(substr(cpf, 6, 1)) * 5
              + ascii(substr(cpf, 7, 1)) *  4 + ascii(substr(cpf, 8, 1)) * 3 + ascii(substr(cpf, 9, 1)) * 2
              - 48 * 54) * 10 % 11 % 10 = ascii(substr(cpf, 10, 1)) - 48
           AND (ascii(substr(cpf, 1, 1)) * 11 + ascii(substr(cpf, 2, 1)) * 10 + ascii(substr(cpf, 3, 1)) * 9
              + ascii(substr(cpf, 4, 1)) *  8 + ascii(substr(cpf, 5, 1)) *  7 + ascii(substr(cpf, 6, 1)) * 6
              + ascii(substr(cpf, 7, 1)) *  5 + ascii(substr(cpf, 8, 1)) *  4 + ascii(substr(cpf, 9, 1)) * 3
              + ascii(substr(cpf, 10, 1)) * 2 - 48 * 65) * 10 % 11 % 10 = ascii(substr(cpf, 11, 1)) - 48
    $$;
"""
PARTICLES = r"""
    CREATE FUNCTION name_without_particles(key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT rtrim(regexp_replace(key || ' ', '\m(DA|DAS|DE|DI|DO|DOS|E) ', '', 'g'))
    $$;
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0014_import_runs")]
    operations = [
        migrations.RunSQL(CPF, "DROP FUNCTION cpf_is_valid(text)"),
        migrations.RunSQL(PARTICLES, "DROP FUNCTION name_without_particles(text)"),
    ]

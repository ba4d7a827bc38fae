from django.db import migrations

# Links that ANS has not numbered here yet are found by their code, whose zeros in front mean nothing.
INDEX = """
    CREATE INDEX beneficiary_code_plain ON beneficiaries_beneficiary (operator_id, ltrim(code, '0')) WHERE cco IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0002_cns_rules")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX beneficiary_code_plain")]

from django.db import migrations

REFOLD = "UPDATE sib_mirrorrecord SET name_key = fold_name(nome) WHERE name_key <> fold_name(nome)"


class Migration(migrations.Migration):
    dependencies = [("sib", "0014_content_digest"), ("beneficiaries", "0009_fold_name")]
    operations = [migrations.RunSQL(REFOLD, migrations.RunSQL.noop)]

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sib", "0010_founding")]

    operations = [
        migrations.AddField(
            model_name="conferencefile",
            name="received_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="recebido em"),
        ),
        migrations.RunSQL("UPDATE sib_conferencefile SET received_at = queued_at", migrations.RunSQL.noop),
    ]



from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('beneficiaries', '0005_lighter_numbers'),
        ('operators', '0003_lighter_events'),
        ('sib', '0004_tables_of_their_own'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='difference',
            name='difference_outcome',
        ),
        migrations.AddField(
            model_name='conferencefile',
            name='standing',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='conferencefile',
            name='step',
            field=models.CharField(choices=[('RECEIVED', 'recebida'), ('STAGED', 'lida'), ('REHEARSED', 'ensaiada'), ('APPLYING', 'sendo aplicada'), ('APPLIED', 'aplicada'), ('REVERTING', 'sendo desfeita'), ('REVERTED', 'desfeita'), ('REFUSED', 'recusada')], default='RECEIVED', max_length=9, verbose_name='etapa'),
        ),
        migrations.AddIndex(
            model_name='difference',
            index=models.Index(fields=['file', 'outcome', 'id'], name='difference_of_file'),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('beneficiaries', '0004_birth_dates'),
        ('operators', '0002_audit_append_only'),
        ('sib', '0003_conference_whole'),
    ]

    operations = [
        migrations.AddField(
            model_name='conferencefile',
            name='mirrored_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='difference',
            name='beneficiary',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='beneficiaries.beneficiary'),
        ),
        migrations.AlterField(
            model_name='difference',
            name='file',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='differences', to='sib.conferencefile'),
        ),
        migrations.AlterField(
            model_name='difference',
            name='operator',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='operators.operator'),
        ),
        migrations.AlterField(
            model_name='difference',
            name='person',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='beneficiaries.person'),
        ),
        migrations.AlterField(
            model_name='mirrorchange',
            name='file',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mirror_changes', to='sib.conferencefile'),
        ),
        migrations.AlterField(
            model_name='mirrorchange',
            name='operator',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='operators.operator'),
        ),
        migrations.AlterField(
            model_name='mirrorrecord',
            name='operator',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='operators.operator'),
        ),
        migrations.AlterField(
            model_name='rowissue',
            name='file',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='issues', to='sib.conferencefile'),
        ),
        migrations.DeleteModel(
            name='CnxRow',
        ),
        migrations.CreateModel(
            name='CnxRow',
            fields=[
                ('cco', models.TextField()),
                ('situacao', models.TextField()),
                ('data_atualizacao', models.DateField(null=True)),
                ('cpf', models.TextField()),
                ('dn', models.TextField()),
                ('pis_pasep', models.TextField()),
                ('cns', models.TextField()),
                ('nome', models.TextField()),
                ('sexo', models.TextField()),
                ('data_nascimento', models.DateField(null=True)),
                ('nome_mae', models.TextField()),
                ('logradouro', models.TextField()),
                ('numero', models.TextField()),
                ('complemento', models.TextField()),
                ('bairro', models.TextField()),
                ('codigo_municipio', models.TextField()),
                ('codigo_municipio_residencia', models.TextField()),
                ('cep', models.TextField()),
                ('tipo_endereco', models.TextField()),
                ('reside_exterior', models.TextField()),
                ('codigo_beneficiario', models.TextField()),
                ('relacao_dependencia', models.TextField()),
                ('cco_beneficiario_titular', models.TextField()),
                ('data_primeira_contratacao', models.DateField(null=True)),
                ('data_contratacao', models.DateField(null=True)),
                ('data_reativacao', models.DateField(null=True)),
                ('data_cancelamento', models.DateField(null=True)),
                ('motivo_cancelamento', models.TextField()),
                ('numero_plano_ans', models.TextField()),
                ('numero_plano_portabilidade', models.TextField()),
                ('numero_plano_operadora', models.TextField()),
                ('cobertura_parcial_temporaria', models.TextField()),
                ('itens_excluidos_cobertura', models.TextField()),
                ('cnpj_empresa_contratante', models.TextField()),
                ('cei_empresa_contratante', models.TextField()),
                ('caepf_empresa_contratante', models.TextField()),
                ('outros', models.JSONField(null=True)),
                ('name_key', models.TextField()),
                ('digest', models.BigIntegerField()),
                ('position', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('part', models.PositiveSmallIntegerField()),
                ('line', models.PositiveIntegerField()),
                ('issues', models.JSONField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        # Room beside each row, so that what came of it is written without touching the indexes.
        migrations.RunSQL(
            "ALTER TABLE sib_difference SET (fillfactor = 60)", "ALTER TABLE sib_difference RESET (fillfactor)"
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cadsus", "0004_check")]

    operations = [
        migrations.AddField(
            model_name="lookup",
            name="birth_city",
            field=models.CharField(blank=True, default="", max_length=6, verbose_name="município de nascimento"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="lookup",
            name="facts",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="dados escolhidos"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="lookup",
            name="undisturbed",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="exchange",
            name="masked",
            field=models.CharField(blank=True, max_length=40, verbose_name="chave mascarada"),
        ),
    ]

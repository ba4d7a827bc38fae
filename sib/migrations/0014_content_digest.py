from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sib", "0013_differences_in_place")]
    operations = [
        migrations.RemoveConstraint("conferencefile", "conference_content_once"),
        migrations.RenameField("conferencefile", "sha256", "digest"),
        migrations.AddConstraint(
            "conferencefile",
            models.UniqueConstraint(fields=["operator", "digest"], name="conference_content_once"),
        ),
        migrations.RemoveConstraint("rpxfile", "rpx_content_once"),
        migrations.RenameField("rpxfile", "sha256", "digest"),
        migrations.AddConstraint(
            "rpxfile",
            models.UniqueConstraint(fields=["operator", "digest"], name="rpx_content_once"),
        ),
    ]

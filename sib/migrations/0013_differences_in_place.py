from django.db import migrations

# Applying marks each difference once: room beside it lets the mark stay on its page, and the indexes as they are.
ROOM = "ALTER TABLE sib_difference SET (fillfactor = 50)"
NO_ROOM = "ALTER TABLE sib_difference RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("sib", "0012_answer_received_at")]
    operations = [migrations.RunSQL(ROOM, NO_ROOM)]

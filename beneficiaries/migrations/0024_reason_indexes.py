"""People by what DATASUS answered and how the question stands: a rare reason is found without reading everybody."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("beneficiaries", "0023_review_proposals")]

    operations = [
        AddIndexConcurrently(
            "person",
            models.Index(fields=["operator", "cns_answer"], condition=~models.Q(cns_answer=""), name="person_answer"),
        ),
        AddIndexConcurrently(
            "person",
            models.Index(
                fields=["operator", "cns_question"], condition=~models.Q(cns_question=""), name="person_question"
            ),
        ),
    ]

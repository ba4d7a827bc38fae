"""Words of the own name and the mother's in one index, and the last four digits of CPF and CNS.

Built beside the work that goes on: on a registry of a million each takes seconds.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Right

from beneficiaries.models.word_index import FoldedWords


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("beneficiaries", "0021_search_words")]

    operations = [
        AddIndexConcurrently(
            "person", GinIndex(FoldedWords("name", "mother_name"), name="person_words")
        ),
        RemoveIndexConcurrently("person", "person_mother_words"),
        AddIndexConcurrently(
            "person",
            models.Index("operator", Right("cpf", 4), name="person_cpf_end", condition=models.Q(cpf__isnull=False)),
        ),
        AddIndexConcurrently(
            "cnsnumber",
            models.Index("operator", Right("number", 4), name="cns_number_end", condition=models.Q(ended_at=None)),
        ),
    ]

"""What the models promise stands in the database: a migration may drop a key that nobody meant to lose."""

import pytest
from django.apps import apps
from django.db import connection

OURS = ["operators", "beneficiaries", "sib", "cadsus", "cards"]


def _promised(model):
    keys = [*model._meta.constraints, *model._meta.indexes]
    return {(model._meta.db_table, key.name) for key in keys}


@pytest.mark.django_db
def test_every_index_and_constraint_of_a_model_stands_in_the_database():
    models = [model for app in OURS for model in apps.get_app_config(app).get_models() if model._meta.managed]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, indexname FROM pg_indexes"
            " UNION SELECT conrelid::regclass::text, conname FROM pg_constraint"
        )
        standing = set(cursor.fetchall())

    assert set().union(*map(_promised, models)) - standing == set()

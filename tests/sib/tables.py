"""Staging tables of conferences."""

from django.db import connection


def staging_tables_left():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^sib_[a-z]+_[0-9]+$'")
        return cursor.fetchall()

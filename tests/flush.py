"""What a test committed taken away again.

Django truncates the tables of all apps, written or not, and then writes the permissions of all models anew, for which
nobody asks: half a second after each such test. Here the rows go, of the tables that have ever had any.
"""

from django.db import connection, transaction
from psycopg2 import sql

_WRITTEN = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0 AND relname <> ALL(%s)
"""
_KEPT = ["django_migrations", "django_content_type", "auth_permission"]  # as the migrations left them


def delete_rows(_: object = None) -> None:
    """Of all tables at once: neither the order of foreign keys nor what is only ever added to keeps a row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_WRITTEN, [_KEPT])
        deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for (name,) in cursor.fetchall()]
        if deletes:
            cursor.execute(sql.SQL("; ").join(deletes))

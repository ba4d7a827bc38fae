import pytest

from cnsportal.db.sql_files import read_statements


@pytest.fixture
def sql_file(tmp_path):
    def write(text):
        path = tmp_path / "example.sql"
        path.write_text(text, encoding="utf-8")
        return read_statements(str(path))

    return write


def test_statements_are_read_by_name(sql_file):
    statements = sql_file(
        "-- What stands in front of the first name is about the file.\n\n"
        "-- name: first\nSELECT 1\n  FROM {rows}\n\n-- name: second\n-- Why.\nSELECT %(value)s\n"
    )

    assert statements == {"first": "SELECT 1\n  FROM {rows}", "second": "-- Why.\nSELECT %(value)s"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: one\nSELECT 1\n-- name: one\nSELECT 2\n", "example.sql: a name stands twice"),
        ("SELECT 1\n-- name: one\nSELECT 2\n", "example.sql: a statement has no name"),
    ],
)
def test_file_that_is_not_in_order_is_refused(sql_file, text, fault):
    with pytest.raises(ValueError, match=fault):
        sql_file(text)

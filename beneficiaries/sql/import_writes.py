"""Statements that write what was decided of a file's rows, made of the tables of columns and of import_writes.sql."""

from beneficiaries.domain.csv_columns import WAITING
from beneficiaries.domain.person_columns import LINK_COLUMNS, PERSON_COLUMNS
from beneficiaries.sql.intake_columns import as_told_or_before, values_of
from cnsportal.db.sql_files import read_statements

_SQL = read_statements("beneficiaries/sql/import_writes.sql")

PEOPLE = _SQL["people"].format(fields=", ".join(PERSON_COLUMNS.values()), values=values_of(PERSON_COLUMNS))
CREATED = _SQL["created"]
LINKS = _SQL["links"].format(fields=", ".join(LINK_COLUMNS.values()), values=values_of(LINK_COLUMNS))
WAITING_PERIODS = _SQL["waiting_periods"].format(
    terms=", ".join(f'(\'{group}\', s."{term}", s."{end}")' for term, (group, end) in WAITING.items())
)
MEND_PEOPLE = _SQL["mend_people"].format(fields=as_told_or_before(PERSON_COLUMNS, "p"))
MEND_LINKS = _SQL["mend_links"].format(fields=as_told_or_before(LINK_COLUMNS, "link"))
CHANGED_PEOPLE = _SQL["changed_people"]
CHANGED_LINKS = _SQL["changed_links"]

MOVED = _SQL["moved"]
MOVE_DEPENDANTS = _SQL["move_dependants"]
NOTE_MOVED = _SQL["note_moved"]
MOVED_LINKS = _SQL["moved_links"]
NOTE_ORPHANS = _SQL["note_orphans"]

WANTED_NUMBERS = _SQL["wanted_numbers"]
NOTE_OTHER_NUMBERS = _SQL["note_other_numbers"]
OFFERS = _SQL["offers"]
NOTE_ATTACHED = _SQL["note_attached"]
LEFT_NUMBERS = _SQL["left_numbers"]
ANSWERED = _SQL["answered"]
NOTE_ANSWERS = _SQL["note_answers"]

LEAVING = _SQL["leaving"]
ROWS_OF_EVERYBODY = _SQL["rows_of_everybody"]
CANCEL = _SQL["cancel"]
CANCELLED_LINKS = _SQL["cancelled_links"]

RECEIPT = _SQL["receipt"]

"""Invented people for tests, demonstration and measurement: nobody real, every number with valid check digits."""

from beneficiaries.invented.families import REFERENCE_DAY, InventedLink, InventedPerson, invent
from beneficiaries.invented.table import CSV_COLUMNS, as_csv_row, write_csv, write_described

__all__ = [
    "CSV_COLUMNS",
    "REFERENCE_DAY",
    "InventedLink",
    "InventedPerson",
    "as_csv_row",
    "invent",
    "write_csv",
    "write_described",
]

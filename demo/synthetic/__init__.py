"""Synthetic data for tests, demonstration and measurement: invented people, with valid check digits."""

from demo.synthetic.csv_rows import CSV_COLUMNS, as_csv_row, write_csv, write_described
from demo.synthetic.families import REFERENCE_DAY, InventedLink, InventedPerson, invent

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

"""Files that the portal wrote, read as a spreadsheet reads them."""

import csv
from pathlib import Path


def csv_rows(path):
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))

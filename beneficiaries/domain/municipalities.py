"""The municipalities of IBGE: the name of a code, and whether the code exists.

``data/municipalities.csv`` holds code, state and name; docs/decisions/0023-intake.md says where it comes from and how
it is brought up to date.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "municipalities.csv"


@dataclass(frozen=True, slots=True)
class Municipality:
    code: str  # seven digits, of which the last checks the others; the SIB writes the first six
    state: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def typed(self) -> str:
        """As people type it, and ``municipality_names`` reads it."""
        return f"{self.name}/{self.state}"


@cache
def municipalities_by_code() -> dict[str, Municipality]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return {line[:6]: Municipality(*line.split(";")) for line in lines}


def find_municipality(code: str) -> Municipality | None:
    """By its six digits, or by seven of which the last must be right."""
    found = municipalities_by_code().get(code[:6])
    return found if found and code in {found.code, found.code[:6]} else None

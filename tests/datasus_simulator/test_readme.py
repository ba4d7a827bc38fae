"""The README lists what there is."""

import re
from pathlib import Path

import datasus_simulator
from datasus_simulator.behaviours import Behaviour
from datasus_simulator.people_csv import COLUMNS, OPTIONAL_COLUMNS
from datasus_simulator.runtime_settings import Switches

README = (Path(datasus_simulator.__file__).parent / "README.md").read_text(encoding="utf-8")


def listed(heading):
    """The names of the first column of the tables under a heading."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\|([^|]*)\|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([a-z0-9_]+)`", cell)]


def test_readme_lists_every_behaviour_and_no_other():
    assert sorted(listed("Behaviours")) == sorted(Behaviour)


def test_readme_lists_every_switch_and_no_other():
    assert sorted(listed("The control port")) == sorted(Switches.__dataclass_fields__)


def test_readme_names_the_columns_in_their_order():
    assert f"`{', '.join(COLUMNS)}`; optional ones: `{', '.join(OPTIONAL_COLUMNS)}`" in README

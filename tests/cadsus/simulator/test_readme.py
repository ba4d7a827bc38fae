"""The README lists what there is."""

from pathlib import Path

import pytest

import cadsus.simulator
from cadsus.simulator.behaviours import Behaviour
from cadsus.simulator.people_file import COLUMNS, OPTIONAL_COLUMNS
from cadsus.simulator.switches import Switches

README = (Path(cadsus.simulator.__file__).parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*Behaviour, *Switches.__dataclass_fields__])
def test_readme_names_every_behaviour_and_switch(name):
    assert f"`{name}`" in README


def test_readme_names_the_columns_in_their_order():
    assert f"`{', '.join(COLUMNS)}`; optional ones: `{', '.join(OPTIONAL_COLUMNS)}`" in README

"""What the suite promises of itself."""

from tests.conftest import LONGEST_FIRST
from tests.paths import ROOT


def test_modules_that_are_begun_first_are_there():
    assert [name for name in LONGEST_FIRST if not (ROOT / "tests" / name).is_file()] == []

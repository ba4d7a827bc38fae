import pytest

from cadsus.simulator.pki import TestPki


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """The test PKI of the run: authorities are made once, holders as each test needs them."""
    return TestPki.open(tmp_path_factory.mktemp("icp") / "pki")

import pytest

from tests.datasus_simulator.fixtures import running_simulator, shared_pki
from tests.datasus_simulator.foreign_client import Stranger
from tests.datasus_simulator.people import PEOPLE


@pytest.fixture(scope="session")
def pki():
    return shared_pki()


@pytest.fixture(scope="session")
def simulator_of_the_session(tmp_path_factory):
    with running_simulator(PEOPLE, tmp_path_factory.mktemp("simulador"), control=True) as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_of_the_session):
    """One simulator for all tests, with the same people and no switch on at the start of each."""
    simulator_of_the_session.serve(PEOPLE)
    simulator_of_the_session.reset()
    return simulator_of_the_session


@pytest.fixture(scope="session")
def client(pki):
    return pki.issue(cnpj="11222333000181", legal_name="OPERADORA FICTICIA DE TESTES")


@pytest.fixture
def stranger(simulator, client, tmp_path):
    """A client of somebody else's making, with a token."""
    someone = Stranger(simulator, client, tmp_path).login()
    yield someone
    someone.session.close()

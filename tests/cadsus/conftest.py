import pytest

from cadsus.models import EnvironmentName
from cadsus.services import seal_credential
from datasus_simulator.pki import TestPki
from datasus_simulator.revocation_server import Conduct, RevocationOffice
from tests.cadsus.canned_server import TOKEN, Canned, canned_server, forget_token
from tests.cadsus.certificates import CNPJ, read


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """The test PKI of the run: authorities are made once, holders as each test needs them."""
    return TestPki.open(tmp_path_factory.mktemp("icp") / "pki")


@pytest.fixture(scope="session")
def ca_path(pki, tmp_path_factory):
    """Who vouches for the servers of the tests."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    path.write_bytes(pki.server_ca_pem)
    return path


@pytest.fixture(scope="session")
def server_certificate(pki):
    return pki.issue_server(["localhost"])


@pytest.fixture(scope="session")
def certificate(pki):
    """A good e-CNPJ, as read from its file: made once, since keys take their time."""
    return read(pki.issue_ecnpj(cnpj=CNPJ, legal_name="Operadora Exemplo", password="x"))


@pytest.fixture
def server(pki, server_certificate):
    """DATASUS as far as bytes go: a token for whoever asks, and no answer to any query yet."""
    with canned_server(server_certificate, pki.root_pem) as server:
        server.answers = {"/token": Canned(TOKEN, content_type="application/json"), "/query": Canned(b"", 503)}
        yield server


@pytest.fixture
def credential(certificate, operator):
    forget_token(certificate.fingerprint)
    return seal_credential(certificate, EnvironmentName.SIMULATOR)


@pytest.fixture
def datasus(server, credential, ca_path, settings):
    """The server, as the environment in which the operator asks."""
    settings.CADSUS_ENVIRONMENT = "simulator"
    settings.CADSUS_ENVIRONMENTS = {
        "simulator": {
            "token_url": f"{server.url}/token",
            "query_url": f"{server.url}/query",
            "ca_bundle": str(ca_path),
            "rate": 0,
            "hours": "",
        }
    }
    return server


@pytest.fixture(scope="module")
def revocation_office(pki):
    with RevocationOffice(pki) as office:
        yield office


@pytest.fixture
def office(revocation_office):
    """An issuer that says what it knows of its certificates, as before anything was asked."""
    revocation_office.revoked.clear()
    revocation_office.asked.clear()
    revocation_office.lists = revocation_office.answers = Conduct.HONEST
    return revocation_office


@pytest.fixture(scope="module")
def issued(pki, revocation_office):
    """A certificate that says where its issuer may be asked."""
    return pki.issue(cnpj=CNPJ, legal_name="Operadora Exemplo", repository=revocation_office.url)


@pytest.fixture
def watched_credential(issued, operator, office, settings):
    """What its issuer says of it can be asked."""
    settings.CADSUS_ENVIRONMENT = "simulator"
    return seal_credential(read(issued.pkcs12("x")), EnvironmentName.SIMULATOR)

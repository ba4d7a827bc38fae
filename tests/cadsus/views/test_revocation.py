"""What the page of a certificate says of its revocation."""

import pytest

from cadsus.models import EnvironmentName
from cadsus.services import check_revocations, seal_credential
from datasus_simulator.revocation_server import Conduct, RevocationOffice
from operators.permissions import Role
from tests.cadsus.certificates import CNPJ, read
from tests.pages import signed_in, text_of

SIMULATOR = EnvironmentName.SIMULATOR


@pytest.fixture(scope="module")
def running(pki):
    with RevocationOffice(pki) as office:
        yield office


@pytest.fixture
def office(running):
    running.revoked.clear()
    running.asked.clear()
    running.lists = running.answers = Conduct.HONEST
    return running


@pytest.fixture(scope="module")
def issued(pki, running):
    """A certificate that says where its issuer may be asked."""
    return pki.issue(cnpj=CNPJ, legal_name="Operadora Exemplo", repository=running.url)


@pytest.fixture
def credential(issued, operator, office, settings):
    settings.CADSUS_ENVIRONMENT = "simulator"
    return seal_credential(read(issued.pkcs12("x")), SIMULATOR)


def test_pages_say_that_a_certificate_was_revoked_and_when_that_was_asked(credential, issued, office, operator):
    office.revoke(issued.certificate)
    check_revocations()
    client = signed_in(operator, Role.ADMINISTRACAO)

    page = text_of(client.get(f"/o/{operator.registration}/certificados/{credential.pk}/"))

    assert "O emissor revogou este certificado: o DATASUS deve recusá-lo." in page
    assert "consultada em" in page

"""What the page of a certificate says of its revocation."""

from cadsus.services import check_revocations
from operators.permissions import Role
from tests.pages import signed_in, text_of


def test_pages_say_that_a_certificate_was_revoked_and_when_that_was_asked(watched_credential, issued, office, operator):
    office.revoke(issued.certificate)
    check_revocations()
    client = signed_in(operator, Role.ADMINISTRACAO)

    page = text_of(client.get(f"/o/{operator.registration}/certificados/{watched_credential.pk}/"))

    assert "O emissor revogou este certificado: o DATASUS deve recusá-lo." in page
    assert "consultada em" in page

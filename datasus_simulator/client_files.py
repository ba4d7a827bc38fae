"""The files for a client of the simulator: the CA to trust, and a client certificate that is accepted."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from beneficiaries.domain.identifiers import cnpj_from_base
from datasus_simulator.pki import Issued, TestPki, write_secret

CLIENT_CNPJ = cnpj_from_base("112223330001")
_CLIENT_NAME = "OPERADORA FICTICIA DE TESTES"
_MIN_REMAINING = timedelta(days=1)


def prepare(folder: Path, cnpj: str = CLIENT_CNPJ, *others: str) -> TestPki:
    """Write ``ca.pem``, ``client.p12`` with ``client.password``, ``client.crt`` (with chain) and ``client.key``.

    Those of ``others`` lie in folders named by their CNPJ. Files that are there and still good stay as they are.
    """
    pki = TestPki.open(folder / "pki")
    authority = folder / "ca.pem"
    if not authority.exists() or authority.read_bytes() != pki.server_ca_pem:
        authority.write_bytes(pki.server_ca_pem)
    for home, each in {folder: cnpj, **{folder / other: other for other in others}}.items():
        home.mkdir(exist_ok=True)
        if not _is_good(home, pki, each):
            _write(home, pki.issue(cnpj=each, legal_name=_CLIENT_NAME))
    return pki


def _is_good(folder: Path, pki: TestPki, cnpj: str) -> bool:
    """Whether the files are all there, speak of one certificate, and it is of this PKI, this company and this day."""
    try:
        password = (folder / "client.password").read_text()
        client = Issued.read((folder / "client.p12").read_bytes(), password)
        shown, key = (folder / "client.crt").read_bytes(), (folder / "client.key").read_bytes()
    except (OSError, ValueError):
        return False
    return (
        (client.certificate_pem, client.key_pem) == (shown, key)
        and pki.issued(client)
        and client.common_name.endswith(f":{cnpj}")
        and client.certificate.not_valid_after_utc - datetime.now(UTC) > _MIN_REMAINING
    )


def _write(folder: Path, client: Issued) -> None:
    password = secrets.token_urlsafe(16)
    write_secret(folder / "client.password", password.encode())
    write_secret(folder / "client.p12", client.pkcs12(password))
    write_secret(folder / "client.key", client.key_pem)
    (folder / "client.crt").write_bytes(client.certificate_pem)

import stat
from datetime import timedelta

import pytest

from datasus_simulator.client_files import CLIENT_CNPJ, prepare
from datasus_simulator.pki import Issued

FILES = {"client.p12", "client.password", "client.crt", "client.key"}


@pytest.fixture
def folder(tmp_path):
    prepare(tmp_path / "simulator")
    return tmp_path / "simulator"


def contents(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def client(folder):
    return Issued.read((folder / "client.p12").read_bytes(), (folder / "client.password").read_text())


def test_files_speak_of_one_client(folder):
    issued = client(folder)

    assert {path.name for path in folder.iterdir()} == {*FILES, "ca.pem", "pki"}
    assert issued.common_name == f"OPERADORA FICTICIA DE TESTES:{CLIENT_CNPJ}"
    assert (folder / "client.crt").read_bytes() == issued.certificate_pem
    assert (folder / "client.key").read_bytes() == issued.key_pem
    assert (folder / "ca.pem").read_bytes() == prepare(folder).server_ca_pem


def test_secrets_are_readable_by_their_owner_alone(folder):
    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in FILES - {"client.crt"}}

    assert set(modes.values()) == {0o600}


def test_good_files_stay_as_they_are(folder):
    before = contents(folder)

    prepare(folder)

    assert contents(folder) == before


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_are_made_anew_together_when_one_is_missing_or_strange(folder, name):
    before = contents(folder)
    (folder / name).unlink()
    prepare(folder)
    again = contents(folder)
    (folder / name).write_bytes(b"x")
    prepare(folder)

    assert [again[each] == before[each] for each in FILES] == [False] * 4
    assert client(folder).common_name.endswith(CLIENT_CNPJ)
    assert (folder / "client.crt").read_bytes() == client(folder).certificate_pem


def test_another_cnpj_gets_files_of_its_own(folder):
    prepare(folder, "11222334000126")

    assert client(folder).common_name == "OPERADORA FICTICIA DE TESTES:11222334000126"


def test_several_companies_get_files_side_by_side(folder):
    pki = prepare(folder, CLIENT_CNPJ, "11222334000126", "11222335000170")

    homes = (folder, folder / "11222334000126", folder / "11222335000170")
    assert [client(home).common_name.rpartition(":")[2] for home in homes] == [
        CLIENT_CNPJ, "11222334000126", "11222335000170",
    ]  # fmt: skip
    assert [pki.issued(client(home)) for home in homes] == [True] * 3


def test_client_about_to_expire_is_replaced(folder):
    pki = prepare(folder)
    old = pki.issue(cnpj=CLIENT_CNPJ, legal_name="X", valid_for=timedelta(days=1, hours=12))
    (folder / "client.p12").write_bytes(old.pkcs12((folder / "client.password").read_text()))
    (folder / "client.crt").write_bytes(old.certificate_pem)
    (folder / "client.key").write_bytes(old.key_pem)

    prepare(folder)

    assert client(folder).fingerprint != old.fingerprint


def test_client_of_another_pki_is_replaced(folder, pki):
    stranger = pki.issue(cnpj=CLIENT_CNPJ, legal_name="X")
    (folder / "client.p12").write_bytes(stranger.pkcs12((folder / "client.password").read_text()))
    (folder / "client.crt").write_bytes(stranger.certificate_pem)
    (folder / "client.key").write_bytes(stranger.key_pem)

    prepare(folder)

    assert client(folder).fingerprint != stranger.fingerprint

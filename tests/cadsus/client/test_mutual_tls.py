import dataclasses
import os
import ssl
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from cadsus.client import mutual_tls
from cadsus.client.tls_errors import TlsFault, cause_of
from datasus_simulator.pki import TestPki, _authority
from tests.cadsus.canned_server import Canned, canned_server


@pytest.fixture
def closed_server(pki, server_certificate):
    """Lets nobody in without a certificate of the PKI."""
    with canned_server(server_certificate, pki.root_pem, required=True) as server:
        server.answers = {"/": Canned(b"entrou", content_type="text/plain")}
        yield server


def entered(context, server, ca_path):
    with mutual_tls.session(context, server.url, str(ca_path)) as session:
        return session.get(f"{server.url}/", timeout=5).text


def descriptors():
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_contexts_verify_chain_and_name_and_refuse_old_tls(certificate, ca_path):
    contexts = (
        mutual_tls.server_context(str(ca_path)),
        mutual_tls.client_context(certificate.chain, certificate.key, str(ca_path)),
    )

    assert [(each.verify_mode, each.check_hostname) for each in contexts] == [(ssl.CERT_REQUIRED, True)] * 2
    assert [each.minimum_version for each in contexts] == [ssl.TLSVersion.TLSv1_2] * 2


def test_context_with_a_bundle_trusts_that_bundle_alone(ca_path):
    assert len(mutual_tls.server_context(str(ca_path)).get_ca_certs()) == 1
    assert len(mutual_tls.server_context(None).get_ca_certs()) > 50


def test_client_context_opens_the_door(closed_server, certificate, ca_path):
    context = mutual_tls.client_context(certificate.chain, certificate.key, str(ca_path))

    assert entered(context, closed_server, ca_path) == "entrou"


def test_last_word_is_what_the_server_has_against_us(closed_server, certificate, ca_path):
    ours = mutual_tls.client_context(certificate.chain, certificate.key, str(ca_path))
    nobody, unbelieving = mutual_tls.server_context(str(ca_path)), mutual_tls.server_context(None)

    words = [mutual_tls.last_word(each, closed_server.url, 0.5) for each in (nobody, unbelieving, ours)]

    assert [cause_of(word).fault if word else None for word in words] == [
        TlsFault.CERTIFICATE,
        TlsFault.UNTRUSTED,
        None,
    ]
    assert mutual_tls.last_word(ours, "https://localhost:1/", 0.5) is None


def test_an_intermediate_in_the_bundle_is_enough_for_a_server_that_forgets_it(pki, certificate, tmp_path):
    root = _authority("Raiz dos Servidores", 1, None)
    middle = _authority("Intermediaria dos Servidores", 0, root)
    bundle = tmp_path / "intermediaria.pem"
    bundle.write_bytes(middle.certificate.public_bytes(Encoding.PEM))
    leaf = TestPki(root, middle, middle, middle).issue_server(["localhost"])
    alone = dataclasses.replace(leaf, chain=())

    with canned_server(alone) as server:
        server.answers = {"/": Canned(b"entrou", content_type="text/plain")}
        context = mutual_tls.client_context(certificate.chain, certificate.key, str(bundle))

        assert entered(context, server, bundle) == "entrou"


def test_client_context_leaves_nothing_on_disk(certificate, ca_path, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = descriptors()

    mutual_tls.client_context(certificate.chain, certificate.key, str(ca_path))

    assert (list(tmp_path.iterdir()), descriptors()) == ([], before)


def test_client_context_without_files_in_memory_writes_ciphertext_alone(
    closed_server, certificate, ca_path, tmp_path, monkeypatch
):
    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written = []
    load = ssl.SSLContext.load_cert_chain

    def watched(context, path, password):
        written.append(tmp_path.joinpath(path).read_text())
        load(context, path, password=password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    context = mutual_tls.client_context(certificate.chain, certificate.key, str(ca_path))

    assert entered(context, closed_server, ca_path) == "entrou"
    assert [("ENCRYPTED PRIVATE KEY" in text, "BEGIN PRIVATE KEY" in text) for text in written] == [(True, False)]
    assert list(tmp_path.iterdir()) == []


def test_session_takes_proxies_from_the_environment_and_credentials_from_nowhere(ca_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.invalid:3128")

    with mutual_tls.session(
        mutual_tls.server_context(str(ca_path)), "https://datasus.example.invalid/", str(ca_path)
    ) as session:
        assert (session.proxies, session.trust_env) == ({"https": "http://proxy.example.invalid:3128"}, False)

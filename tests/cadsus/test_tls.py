import os
import ssl
import tempfile
from pathlib import Path

import pytest

from cadsus import tls
from tests.cadsus.canned import Canned, canned_server


@pytest.fixture
def closed_server(pki, server_certificate):
    """Lets nobody in without a certificate of the PKI."""
    with canned_server(server_certificate, pki.root_pem, required=True) as server:
        server.answers = {"/": Canned(b"entrou", content_type="text/plain")}
        yield server


def entered(context, server, ca_path):
    with tls.session(context, server.url, str(ca_path)) as session:
        return session.get(f"{server.url}/", timeout=5).text


def descriptors():
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_contexts_verify_chain_and_name_and_refuse_old_tls(certificate, ca_path):
    contexts = tls.server_context(str(ca_path)), tls.client_context(certificate.chain, certificate.key, str(ca_path))

    assert [(each.verify_mode, each.check_hostname) for each in contexts] == [(ssl.CERT_REQUIRED, True)] * 2
    assert [each.minimum_version for each in contexts] == [ssl.TLSVersion.TLSv1_2] * 2


def test_context_with_a_bundle_trusts_that_bundle_alone(ca_path):
    assert len(tls.server_context(str(ca_path)).get_ca_certs()) == 1
    assert len(tls.server_context(None).get_ca_certs()) > 50


def test_client_context_opens_the_door(closed_server, certificate, ca_path):
    context = tls.client_context(certificate.chain, certificate.key, str(ca_path))

    assert entered(context, closed_server, ca_path) == "entrou"


def test_refusal_of_a_certificate_is_told_from_other_ends(closed_server, certificate, ca_path):
    ours = tls.client_context(certificate.chain, certificate.key, str(ca_path))
    nobody, unbelieving = tls.server_context(str(ca_path)), tls.server_context(None)

    assert tls.is_refused(nobody, closed_server.url, 0.5) is True
    assert tls.is_refused(ours, closed_server.url, 0.2) is False
    assert tls.is_refused(unbelieving, closed_server.url, 0.5) is False
    assert tls.is_refused(ours, "https://localhost:1/", 0.5) is False


def test_client_context_leaves_nothing_on_disk(certificate, ca_path, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = descriptors()

    tls.client_context(certificate.chain, certificate.key, str(ca_path))

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
    context = tls.client_context(certificate.chain, certificate.key, str(ca_path))

    assert entered(context, closed_server, ca_path) == "entrou"
    assert [("ENCRYPTED PRIVATE KEY" in text, "BEGIN PRIVATE KEY" in text) for text in written] == [(True, False)]
    assert list(tmp_path.iterdir()) == []


def test_session_takes_proxies_from_the_environment_and_credentials_from_nowhere(ca_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.invalid:3128")

    with tls.session(tls.server_context(str(ca_path)), "https://datasus.example.invalid/", str(ca_path)) as session:
        assert (session.proxies, session.trust_env) == ({"https": "http://proxy.example.invalid:3128"}, False)

"""Containers as certifiers, browsers and old tools write them (tests/data/field): opened, or refused for the reason."""

from datetime import UTC, datetime

import pytest

from cadsus.pki.errors import CertificateRefusal, RefusedCertificate
from cadsus.pki.icp_brasil import read_certificate
from tests.paths import DATA

FIELD = DATA / "field"
DAY = datetime(2026, 11, 30, 12, tzinfo=UTC)  # the certificates are of that autumn
CNPJ, WITH_LETTERS = "22333444000181", "12ABC34501DE35"


@pytest.mark.parametrize(
    ("file", "password", "cnpj"),
    [
        ("40_plain_good.p12", "segredo", CNPJ),
        ("41_password_with_accents.p12", "senhaçãé1", CNPJ),
        ("42_old_3des_sha1.p12", "segredo", CNPJ),
        ("44_alphanumeric_cnpj.p12", "segredo", WITH_LETTERS),
        ("45_san_bmpstring.p12", "segredo", CNPJ),
        ("46_rc2_40.p12", "segredo", CNPJ),
        ("48_no_local_key_id_leaf_last.p12", "segredo", CNPJ),
        ("49_all_same_local_key_id.p12", "segredo", CNPJ),
        ("50_ber_indefinite.p12", "segredo", CNPJ),
        ("51_san_trailing_blank.p12", "segredo", CNPJ),
    ],
)
def test_container_is_read(file, password, cnpj):
    certificate = read_certificate((FIELD / file).read_bytes(), password, cnpj=cnpj, now=DAY)

    assert certificate.cnpj == cnpj


@pytest.mark.parametrize(
    ("file", "refusal"),
    [
        ("43_expired_intermediate.p12", CertificateRefusal.ENDED_AUTHORITY),
        ("53_no_chain.p12", CertificateRefusal.BROKEN_CHAIN),
    ],
)
def test_container_is_refused_for_its_reason(file, refusal):
    with pytest.raises(RefusedCertificate) as refused:
        read_certificate((FIELD / file).read_bytes(), "segredo", cnpj=CNPJ, now=DAY)

    assert refused.value.refusal is refusal

"""Certificates of the test PKI, read as the portal reads them."""

from django.utils import timezone

from beneficiaries.domain.identifiers import cnpj_from_base
from cadsus.pki.icp_brasil import read_certificate

CNPJ = cnpj_from_base("112223330001")


def read(data, cnpj=CNPJ):
    return read_certificate(data, "x", cnpj=cnpj, now=timezone.now())

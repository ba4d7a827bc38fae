"""Addresses shortened for the SIB: by words, never inside a number, never longer than its schema takes."""

import re
import unicodedata

import pytest
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from operators.permissions import Role
from sib.domain.field_differences import _kind
from sib.formats.address_lines import MAX_FIELD_CHARACTERS
from sib.formats.sbx.writer import as_sent, left_out
from sib.models import Movement
from sib.services.movements.draft import draft_movements
from tests.factories import BeneficiaryFactory, PersonFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.cns_numbers import hold
from tests.sib.files import record


@pytest.mark.parametrize(
    ("field", "text", "sent"),
    [
        ("complemento", "Apartamento 1203 bloco B", "APTO 1203 BL B"),
        ("complemento", "Bloco B, apto. 12345", "BL B APTO 12345"),
        ("complemento", "Apartamento 1203 torre sul", "AP 1203 TR SUL"),
        ("complemento", "Bloco E apartamento 12", "BL E APTO 12"),
        ("complemento", "Apto 1203 Bloco Azul", "AP 1203 BL AZUL"),
        ("complemento", "Apartamento 1203 Bloco Azulzinho", "AP 1203"),
        ("complemento", "Condomínio Flores do Campo casa 12", ""),
        ("complemento", "Apartamento12030000", ""),
        ("numero", "12345", "12345"),
        ("numero", "123456789", ""),
        ("numero", "1234 A", "1234A"),
        ("numero", "Lote 12", "LT 12"),
        ("numero", "Número 123", "N 123"),
        ("numero", "12 3456", ""),
        ("numero", "12 E 14", ""),
        ("numero", "12 B 3", ""),
        ("numero", "A 12 B3", ""),
        ("numero", "12 - 14", "12-14"),
        ("numero", "120 / 8", "120/8"),
        ("numero", "Lote 120", "LT120"),
        ("numero", "Sem número", "S/N"),
        ("logradouro", "Avenida Engenheiro Luiz Carlos Berrini da Conceição e Silva",
         "AV ENG LUIZ CARLOS BERRINI DA CONCEICAO E SILVA"),
        ("logradouro", "Rua Presidente Juscelino Kubitschek de Oliveira das Flores Novas 1", ""),
        ("bairro", "Conjunto Residencial Jardim das Palmeiras", "CJ RES JD DAS PALMEIRAS"),
        ("bairro", "Centro", "CENTRO"),
    ],
)  # fmt: skip
def test_an_address_is_shortened_by_words(field, text, sent):
    assert as_sent(field, text) == sent


WORDS = st.sampled_from(
    ["Apartamento", "bloco", "B", "E", "casa", "fundos", "nº", "12", "1203", "123456", "12B", "A-4", "Rua", "das",
     "Conceição", "Ïï", "x" * 20, "½", "apto.", ","]
)  # fmt: skip


@given(
    st.sampled_from(list(MAX_FIELD_CHARACTERS)),
    st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=80),
    st.booleans(),
)
@example("complemento", "x" * 14 + "12", False)
@example("numero", "1" * 6, True)
def test_no_address_is_too_long_or_has_half_a_number(field, text, keep_accents):
    sent = as_sent(field, text, keep_accents=keep_accents)

    numbers = re.findall(r"[0-9]+", as_sent("cpf", text) if text.isascii() else _plain(text))
    assert len(sent) <= MAX_FIELD_CHARACTERS[field]
    assert [number for number in re.findall(r"[0-9]+", sent) if number not in numbers] == []
    assert sent == " ".join(sent.split())
    assert as_sent(field, sent, keep_accents=keep_accents) == sent


def _plain(text):
    """With the digits that a letter unfolds to, as ½ does."""
    return unicodedata.normalize("NFKD", " ".join(text.split()))


@pytest.mark.parametrize(
    ("field", "ours", "theirs", "kind"),
    [
        ("complemento", "Apartamento 1203 bloco B", "APTO 1203 BL B", None),
        ("complemento", "Apartamento 1203 bloco B", "APARTAMENTO 120", "DIFFERENT"),
        ("numero", "123456789", "12345", "DIFFERENT"),
        ("bairro", "Jardim das Palmeiras Imperiais do Sul", "JARDIM DAS PALMEIRAS IMPERIAIS", None),
        ("numero", "123456789", "", "BLANK_THERE"),
    ],
)
def test_what_ans_has_of_an_address_is_compared_as_it_was_sent(field, ours, theirs, kind):
    assert _kind(field, ours, theirs) == kind


def test_what_has_no_room_is_left_out():
    texts = {"logradouro": "Rua A", "numero": "123456789", "complemento": "", "bairro": "Centro"}

    assert left_out(texts) == ["numero"]


def test_half_a_number_at_ans_is_mended_and_a_number_without_room_is_said(bring, operator):
    person = PersonFactory(
        street="Rua A", number="123456789", complement="Apartamento 1203 bloco B", city_code="355030"
    )
    link = BeneficiaryFactory(cco="000000000191", person=person)
    hold(link, cns(1))
    body = record(link, cns=cns(1))
    there = "<endereco><logradouro>RUA A</logradouro><numero>12345</numero><complemento>APARTAMENTO 120</complemento>"
    bring(body.replace("<endereco>", f"{there}<codigoMunicipio>355030</codigoMunicipio>"))

    draft_movements()

    movement = Movement.objects.get()
    page = signed_in(operator, Role.CONSULTA).get(reverse("sib:movement", args=[operator.registration, movement.pk]))
    assert (movement.fields, movement.state) == ({"complemento": "APTO 1203 BL B"}, "READY")
    assert "“123456789” não cabe nas 5 letras do SIB e não vai à ANS" in text_of(page)

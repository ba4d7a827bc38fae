"""Filters of links and cards: work lists, company, contract, plan, city, or code."""

import csv
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q

from beneficiaries.domain.identifiers import digits
from beneficiaries.models import Beneficiary, CnsNumber
from beneficiaries.models.links import BeneficiaryQuerySet
from cards.domain.lifecycle import CURRENT, CardState
from cards.models import Card
from cards.queries.eligibility import incomplete, issuable, outdated

MAX_CODES = 100_000

STATES = {
    "emitiveis": "Podem ser emitidos",
    "mudaram": "Mudaram desde a emissão",
    "imprimir": "A imprimir",
    "entregar": "A entregar",
    "emitidos": "Com cartão",
    "impedidos": "Sem CNS",
    "incompletos": "Falta dado",
    "cancelados": "Vínculo cancelado",
}
TO_ISSUE = ("emitiveis", "mudaram")
"""States for which a batch has something to issue. These compare each card with the registry: too dear to count."""

COUNTED = tuple(state for state in STATES if state not in TO_ISSUE)

UFS = {
    "11": "RO", "12": "AC", "13": "AM", "14": "RR", "15": "PA", "16": "AP", "17": "TO", "21": "MA", "22": "PI",
    "23": "CE", "24": "RN", "25": "PB", "26": "PE", "27": "AL", "28": "SE", "29": "BA", "31": "MG", "32": "ES",
    "33": "RJ", "35": "SP", "41": "PR", "42": "SC", "43": "RS", "50": "MS", "51": "MT", "52": "GO", "53": "DF",
}  # fmt: skip
"""States of Brazil by the first two digits of IBGE's codes of their towns."""


def in_state(state: str) -> BeneficiaryQuerySet:
    links: BeneficiaryQuerySet = Beneficiary.objects.all()
    if state == "emitiveis":
        return issuable(links)
    if state == "mudaram":
        return outdated(links)
    if state in _WITH_CARD:
        return links.filter(_has_card(*_WITH_CARD[state]))
    if state == "incompletos":
        return incomplete(links)
    if state == "cancelados":
        return links.cancelled()
    return links.active().exclude(_has_cns()) if state == "impedidos" else links


_WITH_CARD = {"imprimir": (CardState.ISSUED,), "entregar": (CardState.PRINTED,), "emitidos": CURRENT}


def _has_cns() -> Exists:
    return Exists(CnsNumber.objects.current().filter(person=OuterRef("person")))


def _has_card(*states: CardState) -> Exists:
    return Exists(Card.objects.filter(beneficiary=OuterRef("pk"), status__in=states))


def narrowed(links: BeneficiaryQuerySet, asked: Mapping[str, Any]) -> BeneficiaryQuerySet:
    """The links that a ScopeForm means; what it leaves blank may be anything."""
    conditions = [condition(asked[name]) for name, condition in _CONDITIONS.items() if asked.get(name)]
    return links.filter(*conditions)


def _by_company(text: str) -> Q:
    """A CNPJ, whole or its beginning, or a part of either name."""
    number = "".join(character for character in text.upper() if character.isalnum())
    if len(digits(text)) >= 8:
        return Q(contract__company__cnpj__startswith=number)
    names = ("legal_name", "trade_name")
    return Q(*((f"contract__company__{name}__icontains", text) for name in names), _connector=Q.OR)


_CONDITIONS: dict[str, Any] = {
    "plano": lambda plan: Q(plan=plan),
    "empresa": _by_company,
    "contrato": lambda number: Q(contract__number=number),
    "uf": lambda code: Q(person__city_code__startswith=code),
    "municipio": lambda code: Q(person__city_code=code),
}


def in_words(asked: Mapping[str, Any]) -> str:
    """The same for people: what a batch was asked for."""
    said = {
        "plano": f"plano {asked.get('plano')}",
        "empresa": f"empresa “{asked.get('empresa')}”",
        "contrato": f"contrato {asked.get('contrato')}",
        "uf": UFS.get(asked.get("uf", ""), ""),
        "municipio": f"município {asked.get('municipio')}",
    }
    state = STATES.get(asked.get("situacao", ""), "Todos")
    return ", ".join([state, *(words for name, words in said.items() if asked.get(name))])[:300]


def codes_in(text: str) -> list[str]:
    """Codes pasted one a line, or the first column of a CSV with or without a title; each once, as they came."""
    return list(dict.fromkeys(code for code in map(_first, text.splitlines()) if code and not _is_title(code)))


def _first(line: str) -> str:
    for delimiter in (";", "\t", ","):
        if delimiter in line:
            line = next(csv.reader([line], delimiter=delimiter), [""])[0]
            break
    return line.strip().strip('"').strip()


def _is_title(code: str) -> bool:
    return code.lower() in {"codigo", "código", "matricula", "matrícula", "codigobeneficiario", "code"}


def links_of(codes: list[str]) -> tuple[BeneficiaryQuerySet, list[str]]:
    """The links of these codes, and the codes that none has."""
    links: BeneficiaryQuerySet = Beneficiary.objects.filter(code__in=codes)
    known = set(links.values_list("code", flat=True))
    return links, [code for code in codes if code not in known]

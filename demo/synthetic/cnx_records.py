"""Synthetic records of ANS about invented people.

It differs from the operator's registry in ways that depend on the link alone, so that a conference and a registry of
the same seed always meet in the same cases.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum, unique
from itertools import chain

from beneficiaries.domain.identifiers import cns_from_base
from beneficiaries.domain.names import fold
from demo.synthetic import REFERENCE_DAY, InventedLink
from sib.formats.cnx.record import CnxRecord


@unique
class Variation(Enum):
    """How the record of a link differs from the registry; the value is how many links of a thousand are so."""

    NOT_AT_ANS = 10
    NOT_IN_REGISTRY = 9
    OTHER_PERSON = 8  # the CCO stands on somebody else
    INVALID_CNS = 5
    REPEATED_CNS = 4  # the number of the link before, who is another person
    CANCELLED_AT_ANS = 12
    ABBREVIATED_NAME = 25
    WITHOUT_CNS = 80
    UNACCENTED_NAME = 400
    FAITHFUL = 447


def _mixed() -> tuple[Variation, ...]:
    """The case of each link of a thousand: 387 and 1000 have no common factor, so every place is met once."""
    in_order = list(chain.from_iterable([case] * case.value for case in Variation))
    return tuple(in_order[place * 387 % 1000] for place in range(1000))


_CASES = _mixed()


def case_of(link: InventedLink) -> Variation:
    case = _CASES[link.ordinal % 1000]
    if case is Variation.NOT_IN_REGISTRY and link.relationship == "1":
        return Variation.FAITHFUL  # dependants would hang in the air
    return case


def is_in_registry(link: InventedLink) -> bool:
    return case_of(link) is not Variation.NOT_IN_REGISTRY


def conference(links: Iterable[InventedLink], *, faithful: bool = False) -> Iterator[CnxRecord]:
    """The records about these links; with ``faithful`` all of them, each as the registry should be."""
    before: InventedLink | None = None
    for link in links:
        case = Variation.FAITHFUL if faithful else case_of(link)
        if case is not Variation.NOT_AT_ANS:
            yield _distorted(_truth(link), link, case, before)
        before = link


def _truth(link: InventedLink) -> CnxRecord:
    person = link.person
    return CnxRecord(
        line=0,
        cco=link.cco,
        situacao="INATIVO" if link.cancelled_on else "ATIVO",
        data_atualizacao=(link.cancelled_on or link.contracted_on).isoformat(),
        cpf=person.cpf,
        dn=person.dn,
        pis_pasep=person.pis_pasep,
        cns=person.cns,
        nome=person.name.upper(),
        sexo=person.sex,
        data_nascimento=person.birth_date.isoformat(),
        nome_mae=person.mother_name.upper(),
        logradouro=person.street.upper(),
        numero=person.number,
        complemento=person.complement.upper(),
        bairro=person.district.upper(),
        codigo_municipio=person.city_code,
        codigo_municipio_residencia="",
        cep=person.postal_code,
        tipo_endereco="2",
        reside_exterior="0",
        codigo_beneficiario=link.code,
        relacao_dependencia=link.relationship,
        cco_beneficiario_titular=link.holder_cco,
        data_primeira_contratacao=link.first_contracted_on.isoformat(),
        data_contratacao=link.contracted_on.isoformat(),
        data_reativacao=_iso(link.reactivated_on),
        data_cancelamento=_iso(link.cancelled_on),
        motivo_cancelamento=link.cancellation_reason,
        numero_plano_ans=link.plan_ans_number,
        numero_plano_portabilidade="",
        numero_plano_operadora=link.plan_operator_code,
        cobertura_parcial_temporaria="0",
        itens_excluidos_cobertura="0",
        cnpj_empresa_contratante=link.company_cnpj,
        cei_empresa_contratante="",
        caepf_empresa_contratante="",
        outros="",
        issues=(),
    )


def _distorted(record: CnxRecord, link: InventedLink, case: Variation, before: InventedLink | None) -> CnxRecord:
    match case:
        case Variation.OTHER_PERSON:
            return _about_somebody_else(record, link)
        case Variation.INVALID_CNS:
            return record._replace(cns=record.cns[:-1] + str((int(record.cns[-1]) + 1) % 10))
        case Variation.REPEATED_CNS if before and before.person.ordinal != link.person.ordinal:
            return record._replace(cns=before.person.cns)
        case Variation.CANCELLED_AT_ANS if not link.cancelled_on:
            ended = REFERENCE_DAY.isoformat()
            return record._replace(situacao="INATIVO", data_cancelamento=ended, motivo_cancelamento="42")
        case Variation.ABBREVIATED_NAME:
            return record._replace(nome=_abbreviated(record.nome))
        case Variation.WITHOUT_CNS:
            return record._replace(cns="")
        case Variation.UNACCENTED_NAME:
            return record._replace(nome=fold(record.nome), nome_mae=fold(record.nome_mae))
    return record


def _about_somebody_else(record: CnxRecord, link: InventedLink) -> CnxRecord:
    """Another name and birth date under the same CCO, and a number that is nobody's here."""
    return record._replace(
        cns=cns_from_base(f"19{link.ordinal:09d}"),
        nome="FULANO FICTÍCIO DE OUTRO VÍNCULO",
        data_nascimento=date(1950, 1, 1 + link.ordinal % 28).isoformat(),
    )


def _abbreviated(name: str) -> str:
    """The names between the first and the last as initials."""
    first, *middle, last = name.split()
    return " ".join([first, *(word if len(word) < 4 else word[0] for word in middle), last])


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""

"""Writes the people for training: a CSV to import into the portal, and the table for the guide."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from beneficiaries.domain.identifiers import format_cpf
from datasus_simulator.people import Person
from datasus_simulator.training_people import FAULTS, SHAPES, TrainingCase

HELD_COLUMNS = ("codigoBeneficiario", "cpf", "nome", "sexo", "dataNascimento", "nomeMae", "relacaoDependencia",
                "dataContratacao", "numeroPlanoOperadora")  # fmt: skip
_CONTRACTED_ON = "2026-11-01"
_PLAN = "TREINO"
_HOLDER, _FEMALE = "1", "3"  # as in the SIB


def write_held(path: Path) -> None:
    """What the operator holds of them, as ``import_beneficiaries`` and the upload page read it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HELD_COLUMNS)
        writer.writerows(_row(case.held) for case in (*SHAPES, *FAULTS))


def guide() -> str:
    """The tables of docs/guia/treinamento.md, in Markdown."""
    parts = (("Formas de registro", SHAPES), ("Falhas e respostas estranhas", FAULTS))
    return "\n".join("\n".join(_table(title, cases)) for title, cases in parts)


def _row(person: Person) -> tuple[str, ...]:
    code = f"TREINO{person.key.rpartition('-')[2]}"
    born = birth_date(person)
    return code, person.cpf, person.name, _FEMALE, born, person.mother_name, _HOLDER, _CONTRACTED_ON, _PLAN


def birth_date(person: Person) -> str:
    """As dd/mm/aaaa; empty where there is none."""
    text = person.birth_date
    return f"{text[6:]}/{text[4:6]}/{text[:4]}" if text else ""


def shown_cpf(person: Person) -> str:
    return format_cpf(person.cpf) if person.cpf else "sem CPF"


def _table(title: str, cases: Iterable[TrainingCase]) -> Iterator[str]:
    yield f"## {title}"
    yield "| CPF | Nome | Nascimento | Caso |"
    yield "|---|---|---|---|"
    for case in cases:
        yield f"| {shown_cpf(case.held)} | {case.held.name} | {birth_date(case.held)} | {case.title} |"
    yield ""

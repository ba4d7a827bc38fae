"""Columns that a reader may add to the list of people: on the page and in its export alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.models import Person
from beneficiaries.queries.worklists import Worklist

KEY = "colunas"
NONE = "nenhuma"


@dataclass(frozen=True, slots=True)
class Column:
    """``values`` of one person (``with_numbers``): texts, or one moment."""

    name: str
    label: str
    values: Callable[[Any], Sequence[object]]


def _of_links(value: Callable[[Any], object]) -> Callable[[Any], Sequence[object]]:
    return lambda person: [found for link in person.active_links if (found := value(link))]


def _of_number(value: Callable[[Any], object]) -> Callable[[Any], Sequence[object]]:
    return lambda person: [found for number in person.current_numbers if (found := value(number))]


def _town(person: Person) -> Sequence[object]:
    return [str(find_municipality(person.city_code) or person.city_code)] if person.city_code else []


def _holder(link: Any) -> str:
    return (link.holder.person.social_name or link.holder.person.name) if link.holder else ""


COLUMNS = {
    column.name: column
    for column in (
        Column("plano", "Plano", _of_links(lambda link: str(link.plan))),
        Column("codigo", "Código", _of_links(lambda link: link.code)),
        Column("titular", "Titular", _of_links(_holder)),
        Column("parentesco", "Parentesco", _of_links(lambda link: link.get_relationship_display())),
        Column("contrato", "Contrato", _of_links(lambda link: link.contract and link.contract.number)),
        Column("empresa", "Empresa", _of_links(lambda link: link.contract and str(link.contract.company or ""))),
        Column("municipio", "Município", _town),
        Column("origem", "Origem do CNS", _of_number(lambda number: number.get_source_display())),
        Column("nivel", "Nível", _of_number(lambda number: number.tier)),
        Column("desde", "CNS desde", _of_number(lambda number: number.attached_at)),
        Column("entrada", "No cadastro desde", lambda person: [person.created_at]),
    )
}
DEFAULT: tuple[Column, ...] = (COLUMNS["plano"],)


def _in_cadsus(person: Person) -> Sequence[object]:
    """A newborn is known there some days after the birth was registered."""
    days = settings.CADSUS_NEWBORN_DAYS - (timezone.localdate() - person.birth_date).days
    return [f"em {days} {'dia' if days == 1 else 'dias'}" if days > 0 else "já deve constar"]


IN_CADSUS = Column("cadsus", "No CadSUS", _in_cadsus)


def chosen_columns(query: Mapping[str, str]) -> tuple[Column, ...]:
    """Those that the address names, in the order of COLUMNS; what it does not know is left out. Of newborns also when
    DATASUS knows them.
    """
    chosen = DEFAULT
    if KEY in query:
        wanted = set(query[KEY].split(","))
        chosen = tuple(column for column in COLUMNS.values() if column.name in wanted)
    return (IN_CADSUS, *chosen) if query.get("lista") == Worklist.NEWBORN else chosen

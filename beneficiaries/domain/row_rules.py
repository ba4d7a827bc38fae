"""Rules across the cells of one row: what is missing and what contradicts another cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from beneficiaries.domain.csv_columns import PARTY_COLUMNS, WAITING, Values
from beneficiaries.domain.text_cells import NO_TERM

FIRST_BIRTH, FIRST_CONTRACT = date(1890, 1, 1), date(1940, 1, 1)  # minimum dates of the SIB schema
CPT_MONTHS = 24  # RN 558/2022
TOO_LONG = "passa de 24 meses do início da cobertura, o máximo da RN 558/2022."
TOO_EARLY = "é anterior ao início da cobertura."
_NEEDS = {
    "razaoSocialContratante": tuple(PARTY_COLUMNS),
    "nomeFantasiaContratante": tuple(PARTY_COLUMNS),
    "razaoSocialAdministradora": ("cnpjAdministradora",),
    "nomeFantasiaAdministradora": ("cnpjAdministradora",),
    **{end: (term,) for term, (_, end) in WAITING.items()},
}
"""Column → those of which one must be given with it."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.column}: {self.reason}"


def contradictions(values: Values, today: date) -> Iterator[RowProblem]:
    """Of one row, whatever the registry holds; a column that could not be read is not among the values."""
    is_holder = values.get("relacaoDependencia") == "1"
    if is_holder and values.get("codigoBeneficiarioTitular") not in {"", values.get("codigoBeneficiario")}:
        yield RowProblem("codigoBeneficiarioTitular", "um titular não tem titular; deixe em branco.")
    yield from _dates(values, today)
    yield from _incomplete(values)
    yield from _contract(values)
    yield from _waiting(values)


def cpt_problem(start: date, until: date) -> str:
    """What is wrong with a CPT that ends then, the cover having begun at ``start``; blank where nothing is."""
    months = (until.year - start.year) * 12 + until.month - start.month + (until.day > start.day)
    return TOO_EARLY if until < start else TOO_LONG if months > CPT_MONTHS else ""


def _dates(values: Values, today: date) -> Iterator[RowProblem]:
    birth, contracted, cancelled = map(values.get, ("dataNascimento", "dataContratacao", "dataCancelamento"))
    if isinstance(birth, date) and not FIRST_BIRTH <= birth <= today:
        yield RowProblem("dataNascimento", "deve estar entre 01/01/1890 e hoje.")
    if isinstance(contracted, date) and contracted < FIRST_CONTRACT:
        yield RowProblem("dataContratacao", "deve ser a partir de 01/01/1940.")
    if isinstance(cancelled, date) and isinstance(contracted, date) and cancelled < contracted:
        yield RowProblem("dataCancelamento", "é anterior à contratação.")
    reactivated = values.get("dataReativacao")
    if isinstance(reactivated, date) and isinstance(contracted, date) and reactivated < contracted:
        yield RowProblem("dataReativacao", "é anterior à contratação.")
    if isinstance(reactivated, date) and reactivated > today:
        yield RowProblem("dataReativacao", "é uma data futura; informe-a quando o vínculo voltar.")
    if isinstance(reactivated, date) and isinstance(cancelled, date) and cancelled < reactivated:
        yield RowProblem(
            "dataReativacao", "é posterior ao cancelamento; deixe em branco o cancelamento que ela desfez."
        )
    cover, signed = map(values.get, ("dataInicioCobertura", "dataAssinaturaContrato"))
    if isinstance(cover, date) and cover < FIRST_CONTRACT:
        yield RowProblem("dataInicioCobertura", "deve ser a partir de 01/01/1940.")
    if isinstance(signed, date) and not FIRST_CONTRACT <= signed <= today:
        yield RowProblem("dataAssinaturaContrato", "deve estar entre 01/01/1940 e hoje.")


def _incomplete(values: Values) -> Iterator[RowProblem]:
    for column, needed in _NEEDS.items():
        if values.get(column) and all(name in values for name in needed) and not any(map(values.get, needed)):
            yield RowProblem(needed[0], f"informe também, para {column}.")


def _contract(values: Values) -> Iterator[RowProblem]:
    kind = values.get("contratacao")
    parties = [column for column in PARTY_COLUMNS if values.get(column)]
    if len(parties) > 1:
        yield RowProblem(parties[1], f"há também {parties[0]}; a ANS aceita um só: CNPJ, CAEPF ou CEI.")
    if kind == "1" and parties:
        yield RowProblem("contratacao", "um plano individual ou familiar não tem empresa contratante.")
    if kind in {"1", "3"} and values.get("empresarioIndividual") == "S":
        yield RowProblem(
            "empresarioIndividual", "só um plano coletivo empresarial tem contratante empresário individual."
        )


def _waiting(values: Values) -> Iterator[RowProblem]:
    start = values.get("dataInicioCobertura") or values.get("dataContratacao")
    for term, (_, end) in WAITING.items():
        day = values.get(end)
        if isinstance(day, date) and values.get(term) == NO_TERM:
            yield RowProblem(end, f"{term} diz que não há carência; deixe em branco.")
        elif isinstance(day, date) and isinstance(start, date) and day < start:
            yield RowProblem(end, TOO_EARLY)

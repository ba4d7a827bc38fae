"""Writes what a file says of the plans, contracts and companies of its links, beside naming them.

The first row that says something of one of them counts for the whole file: else two rows that contradict each other
would take turns at every import. A later one that says otherwise is told so on its line. A blank never erases.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.csv_reader import Row
from beneficiaries.domain.names import fold
from beneficiaries.models import Administrator, Beneficiary, Company, Contract, ContractKind, Plan
from beneficiaries.services.change_events import Changes, bulk_overwrite, change_event
from beneficiaries.services.plans import administrator_ids, companies_of
from operators.audit import EventKind, record
from operators.models import User

Subject = Plan | Contract | Company | Administrator
FirstLines = dict[str, int]  # what was given, and on which line of the file

PLAN = {
    "nomePlano": "name",
    "segmentacao": "segmentation",
    "acomodacao": "accommodation",
    "abrangencia": "coverage_area",
    "regulamentacao": "regulation",
}
COMPANY = {"razaoSocialContratante": "legal_name", "nomeFantasiaContratante": "trade_name"}
ADMINISTRATOR = {"razaoSocialAdministradora": "legal_name", "nomeFantasiaAdministradora": "trade_name"}
CONTRACT = {
    "numeroContrato": "number",
    "contratacao": "kind",
    "dataAssinaturaContrato": "signed_on",
    "empresarioIndividual": "sole_trader",
}
COLUMNS = ("cnpjAdministradora", *PLAN, *COMPANY, *CONTRACT)
NAMES: dict[type[Subject], str] = {
    Plan: "deste plano",
    Contract: "deste contrato",
    Company: "desta empresa",
    Administrator: "desta administradora",
}
KINDS = {
    Plan: EventKind.PLAN_CHANGED,
    Contract: EventKind.CONTRACT_CHANGED,
    Company: EventKind.COMPANY_CHANGED,
    Administrator: EventKind.ADMINISTRATOR_CHANGED,
}


@dataclass
class Descriptions:
    """Of one batch of rows; ``said`` goes on from batch to batch."""

    first_lines: FirstLines
    plans: dict[int, Plan] = field(default_factory=dict)
    contracts: dict[int, Contract] = field(default_factory=dict)
    companies: dict[ContractingParty, Company] = field(default_factory=dict)
    administrators: dict[str, Administrator] = field(default_factory=dict)
    changes: dict[tuple[type[Subject], int], Changes] = field(default_factory=dict)
    count: int = 0  # of changed fields

    @classmethod
    def of(
        cls, rows: Sequence[Row], first_lines: FirstLines, plans: Iterable[int], contracts: Collection[int]
    ) -> "Descriptions":
        """Loaded only where a row says something of them, which most files do not."""
        describing = [row for row in rows if any(map(row.values.get, COLUMNS))]
        if not describing:
            return cls(first_lines)
        others = {row.text("cnpjAdministradora") for row in describing} - {""}
        administrator_ids(others)
        return cls(
            first_lines,
            plans=Plan.objects.in_bulk(list(plans)),
            contracts=Contract.objects.in_bulk(list(contracts)),
            companies=companies_of(party for row in describing if (party := ContractingParty.from_values(row.values))),
            administrators={one.cnpj: one for one in Administrator.objects.filter(cnpj__in=others)},
        )

    def take(self, row: Row, link: Beneficiary) -> tuple[bool, list[str]]:
        """Whether the row changed something, and the notes on what it said in vain."""
        before = self.count
        notes = [note for subject, fields in self._subjects(row, link) for note in self._apply(row, subject, fields)]
        return self.count > before, notes

    def _subjects(self, row: Row, link: Beneficiary) -> Iterator[tuple[Subject, dict[str, tuple[str, Any]]]]:
        """Each subject, and by column its field and what the row says of it."""
        contract = self.contracts.get(link.contract_id or 0)
        if plan := self.plans.get(link.plan_id):
            own = {} if contract else {"contratacao": "contracting"}
            yield plan, _values(row, PLAN | own)
        if contract:
            yield contract, self._of_contract(row, contract)
        if company := self._company(row):
            yield company, _values(row, COMPANY)
        if administrator := self.administrators.get(row.text("cnpjAdministradora")):
            yield administrator, _values(row, ADMINISTRATOR)

    def _company(self, row: Row) -> Company | None:
        party = ContractingParty.from_values(row.values)
        return self.companies.get(party) if party else None

    def _of_contract(self, row: Row, contract: Contract) -> dict[str, tuple[str, Any]]:
        """A contract that gets its company is an employer's unless the row says otherwise."""
        fields: dict[str, tuple[str, Any]] = _values(row, CONTRACT)
        if (company := self._company(row)) and company.party:
            fields[company.party.column] = ("company_id", company.pk)
            if contract.company_id is None:
                fields.setdefault("contratacao", ("kind", ContractKind.COMPANY))
        if administrator := self.administrators.get(row.text("cnpjAdministradora")):
            fields["cnpjAdministradora"] = ("administrator_id", administrator.pk)
        if "empresarioIndividual" in fields:
            fields["empresarioIndividual"] = ("sole_trader", row.text("empresarioIndividual") == "S")
        return fields

    def _apply(self, row: Row, subject: Subject, fields: Mapping[str, tuple[str, Any]]) -> Iterator[str]:
        for column, (name, after) in fields.items():
            before = getattr(subject, name)
            key = f"{type(subject).__name__} {subject.pk} {name}"
            first = self.first_lines.setdefault(key, row.line)
            if first != row.line:
                if fold(str(before)) != fold(str(after)):
                    yield f"{column}: a linha {first} diz outra coisa {NAMES[type(subject)]}; vale a linha {first}."
            elif before != after:
                changes = self.changes.setdefault((type(subject), subject.pk), {})
                changes[name] = (before, after)
                setattr(subject, name, after)
                self.count += 1

    def save(self, actor: User | None) -> None:
        """One statement for each kind of subject that changed, and the events."""
        rows_by_model: dict[type[Subject], dict[int, Any]] = {
            Plan: self.plans,
            Contract: self.contracts,
            Company: {one.pk: one for one in self.companies.values()},
            Administrator: {one.pk: one for one in self.administrators.values()},
        }
        for model, rows in rows_by_model.items():
            pks = sorted(pk for kind, pk in self.changes if kind is model)
            fields = sorted({name for pk in pks for name in self.changes[model, pk]})
            bulk_overwrite(model, [rows[pk] for pk in pks], fields)
            record(
                change_event(KINDS[model], pk, None, self.changes[model, pk], actor=actor, source="import")
                for pk in pks
            )


def _values(row: Row, fields: Mapping[str, str]) -> dict[str, tuple[str, str | date]]:
    return {column: (name, value) for column, name in fields.items() if (value := row.values.get(column))}

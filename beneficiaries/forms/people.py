"""Forms with which the staff edit people and links."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from beneficiaries.domain.ans_vocabularies import CANCELLATION_REASONS
from beneficiaries.domain.csv_columns import WAITING, Values
from beneficiaries.domain.row_rules import contradictions, cpt_problem
from beneficiaries.domain.text_cells import NO_TERM
from beneficiaries.forms.fields import CellField, CodeField, MunicipalityField, sentence
from beneficiaries.models import Beneficiary, Contract, Person, Sex, WaitingGroup
from beneficiaries.services.edit import ReferenceRecord, edit_token
from beneficiaries.services.waiting_periods import periods_as_text, split_period_text

Row = Person | Beneficiary | ReferenceRecord


class RegistryForm(forms.Form):
    """Carries what was read of the row; what contradicts itself is said as the import says it."""

    read = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)
        self.initial = {**self.stored(), "read": edit_token(row, self.names)}

    @property
    def names(self) -> list[str]:
        """Of the row's own fields that the form may change."""
        return [name for name in self.fields if name != "read"]

    def stored(self) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in self.names}

    @property
    def values(self) -> dict[str, Any]:
        """What the service writes."""
        return {name: self.cleaned_data[name] for name in self.names}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        fields = {column: name for name, column in self._columns().items()}
        for problem in contradictions(self.row_values(cleaned), timezone.localdate()):
            name = fields.get(problem.column, "sole_trader")
            if name not in self.errors:
                self.add_error(name, sentence(self._in_labels(problem.reason)))
        return cleaned

    def _in_labels(self, reason: str) -> str:
        """With what the page calls the columns."""
        for name, column in self._columns().items():
            reason = reason.replace(column, f"“{self.fields[name].label}”")
        return reason

    def row_values(self, cleaned: dict[str, Any]) -> Values:
        """As the row of a file would tell it."""
        return {column: cleaned[name] for name, column in self._columns().items() if name in cleaned}

    def _columns(self) -> dict[str, str]:
        tells = {name: getattr(field, "tells", "") for name, field in self.fields.items()}
        return {name: column for name, column in tells.items() if column}

    @property
    def changes(self) -> list[str]:
        """Fields in which what was sent is not what is stored. Of a form that is valid, as ``differences``."""
        sent = self.cleaned_data
        return [name for name in self.fields if name != "read" and sent.get(name) != self.initial.get(name)]

    def differences(self) -> list[tuple[str, str, str]]:
        """Label, stored, sent."""
        return [
            (
                str(self[name].label),
                self._display(name, self.initial.get(name)),
                self._display(name, self.cleaned_data[name]),
            )
            for name in self.changes
            if name in self.cleaned_data
        ]

    def _display(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "sim" if value else "não"
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, self.fields[name].prepare_value(value))) if value else "em branco"


class PersonForm(RegistryForm):
    name = CellField("nome", "Nome", required=True, hint="O nome civil, como no CPF.")
    social_name = CellField("nomeSocial", "Nome social", hint="No cartão, fica acima do nome civil.")
    cpf = CellField("cpf", "CPF")
    birth_date = CellField("dataNascimento", "Data de nascimento", required=True)
    sex = CodeField("sexo", "Sexo", Sex.choices)
    mother_name = CellField("nomeMae", "Nome da mãe")
    dn = CellField("dn", "Declaração de nascido vivo", hint="11 algarismos.")
    pis_pasep = CellField("pisPasep", "PIS/PASEP", hint="11 algarismos.")
    email = CellField("email", "E-mail")
    phone = CellField("telefone", "Telefone")
    postal_code = CellField("cep", "CEP")
    street = CellField("logradouro", "Logradouro")
    number = CellField("numero", "Número")
    complement = CellField("complemento", "Complemento")
    district = CellField("bairro", "Bairro")
    city_code = MunicipalityField("Município")

    GROUPS: ClassVar = (
        ("Identidade", ("name", "social_name", "cpf", "birth_date", "sex", "mother_name", "dn", "pis_pasep")),
        (
            "Contato e endereço",
            ("email", "phone", "postal_code", "street", "number", "complement", "district", "city_code"),
        ),
    )

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for title, names in self.GROUPS:
            yield title, [self[name] for name in names]


class LinkForm(RegistryForm):
    DATES: ClassVar[tuple[str, ...]] = (
        "contracted_on",
        "first_contracted_on",
        "reactivated_on",
        "cover_from",
        "cpt_until",
        "cancelled_on",
        "cancellation_reason",
    )
    """Fields of a link that its form shows as they are."""

    code = CellField(
        "codigoBeneficiario",
        "Código do beneficiário (matrícula)",
        required=True,
        hint="Mude-o também no sistema da operadora: é por ele que a importação acha o vínculo.",
    )
    contract = CellField("numeroContrato", "Número do contrato", tells=False)
    contracted_on = CellField("dataContratacao", "Data da contratação", required=True)
    first_contracted_on = CellField("dataContratacao", "Data da primeira contratação", tells=False)
    reactivated_on = CellField("dataReativacao", "Data da reativação")
    cover_from = CellField(
        "dataInicioCobertura", "Início da cobertura", hint="Em branco, vale a reativação ou a contratação."
    )
    cpt_until = CellField(
        "dataFimCPT",
        "Fim da cobertura parcial temporária (CPT)",
        hint="Dado de saúde. Só quando há CPT, e no máximo 24 meses depois do início da cobertura.",
    )
    cancelled_on = CellField("dataCancelamento", "Data do cancelamento")
    cancellation_reason = CodeField(
        "motivoCancelamento",
        "Motivo do cancelamento",
        ((code, f"{code}: {name}") for code, (name,) in CANCELLATION_REASONS.items()),
    )

    def __init__(self, *args: Any, row: Beneficiary, **kwargs: Any) -> None:
        self.link = row
        self.stored_periods = periods_as_text(row.pk)
        super().__init__(*args, row=row, **kwargs)
        for column, (group, end) in WAITING.items():
            self.fields[f"waiting_{group}"] = CellField(column, "Prazo")
            self.fields[f"waiting_{group}_until"] = CellField(end, "Último dia")
            term, day = split_period_text(self.stored_periods[group])
            self.initial = {**self.initial, f"waiting_{group}": term, f"waiting_{group}_until": day}
        if (reason := row.cancellation_reason) and reason not in CANCELLATION_REASONS:
            self.fields["cancellation_reason"].choices += [(reason, f"{reason}: código antigo")]  # type: ignore[attr-defined]  # as ANS told it
        if row.contract and not row.contract.number:
            self.fields["contract"].help_text = f"Hoje: contrato sem número, de {row.contract.company}."

    @property
    def names(self) -> list[str]:
        return ["code", "contract_id", *self.DATES]

    def stored(self) -> dict[str, Any]:
        number = self.link.contract.number if self.link.contract else ""
        own = {name: getattr(self.link, name) for name in ("code", *self.DATES)}
        return {**own, "contract": number}

    @property
    def values(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in ("code", *self.DATES)}
        return {**own, "contract_id": self.contract_id}

    @property
    def periods(self) -> dict[str, str]:
        """By group, as the service writes them."""
        found = {}
        for group in WaitingGroup.values:
            term, day = self.cleaned_data[f"waiting_{group}"], self.cleaned_data[f"waiting_{group}_until"]
            found[group] = "" if term in {"", NO_TERM} else f"{term} {day or ''}".strip()
        return found

    def clean_contract(self) -> str:
        """The contract that the link had stays its own where nobody wrote another number."""
        number = str(self.cleaned_data["contract"])
        self.contract_id = self.link.contract_id
        if number != self.initial["contract"]:
            contract = Contract.objects.filter(number=number).first() if number else None
            if number and contract is None:
                raise forms.ValidationError("Não há contrato com este número. Cadastre-o primeiro em Contratos.")
            self.contract_id = contract.pk if contract else None
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        start = cleaned.get("cover_from") or cleaned.get("reactivated_on") or cleaned.get("contracted_on")
        until = cleaned.get("cpt_until")
        if start and until and (problem := cpt_problem(start, until)):
            self.add_error("cpt_until", sentence(problem))
        return cleaned

    def dates(self) -> list[forms.BoundField]:
        return [self[name] for name in self.DATES]

    def groups(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        """Each group of procedures, its term and its last day."""
        for group, label in WaitingGroup.choices:
            yield str(label), self[f"waiting_{group}"], self[f"waiting_{group}_until"]

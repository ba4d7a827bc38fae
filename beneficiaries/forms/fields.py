"""Form fields that read typed values as the import reads its columns, with the same error messages."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from beneficiaries.domain.ans_vocabularies import WAITING_UNITS
from beneficiaries.domain.contracting_party import ContractingParty
from beneficiaries.domain.csv_columns import BLANKS, DAYS, TYPED, WAITING, clean_cell
from beneficiaries.domain.identifiers import format_cnpj, format_cpf
from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.domain.municipality_names import read_municipality
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.domain.text_cells import NO_TERM
from cnsportal.formats.br import format_date


def _in_words(term: str) -> str:
    """``300 D`` → ``300 dias``."""
    amount, _, unit = term.partition(" ")
    return f"{amount} {WAITING_UNITS[unit][0]}" if unit in WAITING_UNITS else term.replace(NO_TERM, "não há")


_SHOWN: dict[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    "cpf": (re.compile(r"\d{11}"), format_cpf),
    "cnpjEmpresaContratante": (re.compile(r"[0-9A-Z]{12}\d{2}"), format_cnpj),
    "cnpjAdministradora": (re.compile(r"[0-9A-Z]{12}\d{2}"), format_cnpj),
    **dict.fromkeys(WAITING, (re.compile(r"\d+ [HDMA]|0"), _in_words)),
}
"""How a stored value is shown, and how it is known from what somebody wrote."""

_KEYBOARDS = {
    "cpf": "numeric",
    "cep": "numeric",
    "dn": "numeric",
    "pisPasep": "numeric",
    "numeroPlanoANS": "numeric",
    "telefone": "tel",
    "email": "email",
}


class CellField(forms.CharField):
    """Read as this column of the registry's file (domain.csv_columns); ``tells``: it is part of the row, too."""

    def __init__(self, column: str, label: str, *, required: bool = False, hint: str = "", tells: bool = True) -> None:
        self.column = column
        self.tells = column if tells else ""
        super().__init__(
            label=label, required=required, help_text=hint, error_messages={"required": f"Preencha “{label}”."}
        )
        if column in DAYS:
            self.widget.attrs |= {"inputmode": "numeric", "placeholder": "dd/mm/aaaa"}
        elif column in _KEYBOARDS:
            self.widget.attrs["inputmode"] = _KEYBOARDS[column]
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value: Any) -> Any:
        text = super().clean(clean_cell(self.column, self.to_python(value) or ""))
        if not text:
            return BLANKS[self.column]
        try:
            return TYPED[self.column](text)
        except InvalidValue as problem:
            raise ValidationError(sentence(str(problem))) from problem

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, date):
            return format_date(value)
        stored, show = _SHOWN.get(self.column, (None, str))
        return show(value) if stored and isinstance(value, str) and stored.fullmatch(value) else value


class MunicipalityField(CellField):
    """By name and state as people say it, or by its code; the code is what is stored."""

    def __init__(self, label: str) -> None:
        super().__init__("codigoMunicipio", label, hint="Nome e estado, como São Paulo/SP, ou o código do IBGE.")

    def clean(self, value: Any) -> Any:
        try:
            found = read_municipality(self.to_python(value) or "")
        except InvalidValue as problem:
            raise ValidationError(sentence(str(problem))) from problem
        return super().clean(found.code if found else "")

    def prepare_value(self, value: Any) -> Any:
        known = find_municipality(value) if isinstance(value, str) and value.isdigit() else None
        return known.typed if known else value


class PartyField(forms.CharField):
    """Who contracts: a CNPJ, CAEPF or CEI as people write it; the party itself, or None."""

    def __init__(self, label: str, *, required: bool = False, hint: str = "") -> None:
        self.tells = ""  # which column it is depends on what is typed
        super().__init__(
            label=label, required=required, help_text=hint, error_messages={"required": f"Preencha “{label}”."}
        )
        self.widget.attrs["autocomplete"] = "off"

    def clean(self, value: Any) -> ContractingParty | None:
        text = super().clean(self.to_python(value) or "")
        try:
            return ContractingParty.read(text) if text else None
        except InvalidValue as problem:
            raise ValidationError(sentence(str(problem))) from problem

    def prepare_value(self, value: Any) -> Any:
        return value.formatted if isinstance(value, ContractingParty) else value


class CodeField(forms.TypedChoiceField):
    """One of a closed vocabulary, which a column of the file has; a blank where nobody knows."""

    def __init__(
        self, column: str, label: str, choices: Iterable[tuple[str, Any]], *, required: bool = False, hint: str = ""
    ) -> None:
        self.tells = column
        known = [(code, _capital(str(name))) for code, name in choices]
        super().__init__(
            label=label,
            required=required,
            help_text=hint,
            choices=known if required else [("", "não informado"), *known],
            error_messages={
                "required": f"Preencha “{label}”.",
                "invalid_choice": f"Escolha “{label}” na lista.",
            },
        )


def sentence(text: str) -> str:
    """What the import says after the name of a column, beside a field."""
    return _capital(text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

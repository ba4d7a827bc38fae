"""A row of a company's sheet, and the sheet that comes back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict

from beneficiaries.domain.identifiers import digits, mask_cpf
from beneficiaries.forms.fields import CellField, CodeField
from beneficiaries.forms.people import RegistryForm
from beneficiaries.models import Company, Person, Sex
from beneficiaries.queries.company_pack import people_linked_by
from beneficiaries.services.company_pack import PACK_TTL, TO_FILL, Correction, read_key
from beneficiaries.services.deduplication.possible_duplicates import duplicates_made_by
from beneficiaries.services.edit import edit_token
from cnsportal.formats.br import mask_with_bullets

MAX_SHEET_BYTES = 5 * 1024 * 1024
SEXES = {"M": Sex.MALE, "MASCULINO": Sex.MALE, "F": Sex.FEMALE, "FEMININO": Sex.FEMALE}
CPF_DIGITS = 11

NOT_OURS = "Esta linha não é da planilha que o portal gerou para esta empresa."
EXPIRED = f"A planilha tem mais de {PACK_TTL.days} dias. Gere outra e peça que a empresa a preencha."
LEFT = "Esta pessoa não tem mais vínculo ativo por esta empresa."
GONE = "Esta pessoa não está mais no cadastro."
CHANGED_MEANWHILE = "O cadastro desta pessoa mudou depois que a planilha saiu. Gere outra planilha."
LIKE_ANOTHER = "Com estes dados seria a mesma pessoa que outra do cadastro. Corrija na página dela."


@dataclass(frozen=True, slots=True)
class PackRow:
    """One row that came back: what would change (label, before, after), or why nothing can."""

    line: int
    name: str
    person: int | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problem: str = ""


class PackRowForm(RegistryForm):
    """What a company may correct of a person; checked as the page of the person checks it."""

    name = CellField("nome", "Nome", required=True)
    cpf = CellField("cpf", "CPF")
    birth_date = CellField("dataNascimento", "Data de nascimento", required=True)
    mother_name = CellField("nomeMae", "Nome da mãe")
    sex = CodeField("sexo", "Sexo", Sex.choices)


class PackUploadForm(forms.Form):
    sent = forms.FileField(
        label="Planilha que a empresa devolveu",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": "Escolha a planilha que a empresa devolveu.",
            "empty": "O arquivo está vazio. Peça à empresa que o envie de novo.",
        },
    )

    def clean_sent(self) -> Any:
        sent = self.cleaned_data["sent"]
        if sent.size > MAX_SHEET_BYTES:
            raise forms.ValidationError("O arquivo tem mais de 5 MiB. Envie a planilha como foi gerada pelo portal.")
        return sent


def check_rows(company: Company, rows: Sequence[Sequence[str]]) -> list[PackRow]:
    """What each row that was filled in would change, or why it cannot; nothing is written."""
    return [row for row, _ in _checked(company, rows) if row.changes or row.problem]


def read_corrections(company: Company, rows: Sequence[Sequence[str]]) -> list[Correction]:
    """Of the rows that can be written and change something."""
    return [
        Correction(form.row.pk, form.values, form.cleaned_data["read"])
        for row, form in _checked(company, rows)
        if form is not None and row.changes
    ]


def _checked(company: Company, rows: Sequence[Sequence[str]]) -> Iterator[tuple[PackRow, PackRowForm | None]]:
    """Of the rows that were filled in; of two about one person the first."""
    seen: set[int] = set()
    for line, key, name, *cells in rows:
        told = dict(zip(TO_FILL, [*cells[3:], *[""] * len(TO_FILL)], strict=False))
        filled = {field: text for field, text in told.items() if text}
        if not filled:
            continue
        row, form = _checked_row(company, int(line), name, key, filled)
        if row.person in seen:
            row, form = PackRow(row.line, row.name, row.person, problem="A mesma pessoa está em outra linha."), None
        if row.person:
            seen.add(row.person)
        yield row, form


def _checked_row(
    company: Company, line: int, name: str, key: str, filled: dict[str, str]
) -> tuple[PackRow, PackRowForm | None]:
    try:
        pk, read = read_key(company, key)
    except signing.SignatureExpired:
        return PackRow(line, name, problem=EXPIRED), None
    except signing.BadSignature:
        return PackRow(line, name, problem=NOT_OURS), None
    person = Person.objects.filter(pk=pk).first()
    if person is None:
        return PackRow(line, name, problem=GONE), None
    if not people_linked_by(company, [pk]):
        return PackRow(line, name, pk, problem=LEFT), None
    form = _form(person, filled, read)
    if not form.is_valid():
        told = "; ".join(f"{form[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        return PackRow(line, person.name, pk, problem=told), None
    if form.changes and edit_token(person, TO_FILL) != read:
        return PackRow(line, person.name, pk, problem=CHANGED_MEANWHILE), None
    if form.changes and duplicates_made_by(person, form.values):
        return PackRow(line, person.name, pk, problem=LIKE_ANOTHER), None
    return PackRow(line, person.name, pk, _differences(form)), form


def _differences(form: PackRowForm) -> list[tuple[str, str, str]]:
    """What is stored of a CPF is masked; what the company wrote is shown as it wrote it."""
    told = zip(form.changes, form.differences(), strict=True)
    return [(label, _masked(before) if name == "cpf" else before, after) for name, (label, before, after) in told]


def _masked(cpf: str) -> str:
    number = digits(cpf)
    return mask_with_bullets(mask_cpf(number)) if number else cpf


def _form(person: Person, filled: dict[str, str], read: str) -> PackRowForm:
    """As if somebody had typed the filled cells over what is there."""
    shown = PackRowForm(row=person)
    data = QueryDict(mutable=True)
    for name in TO_FILL:
        value: Any = shown.fields[name].prepare_value(shown.initial[name])
        data[name] = filled.get(name, "" if value is None else str(value))
    if "sex" in filled:
        data["sex"] = SEXES.get(filled["sex"].upper(), filled["sex"])
    if filled.get("cpf", "").isdigit():
        data["cpf"] = filled["cpf"].zfill(CPF_DIGITS)  # a spreadsheet takes zeros in front away
    data["read"] = read
    return PackRowForm(data, row=person)

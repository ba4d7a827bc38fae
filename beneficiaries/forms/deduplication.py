"""Forms for merging two records of one person and for splitting one record of two people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from beneficiaries.domain.identifiers import format_cns, format_cpf
from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.forms.people import PersonForm
from beneficiaries.forms.search import refuse_numbers
from beneficiaries.models import Beneficiary, CnsNumber, Person, Review, Sex
from beneficiaries.services.deduplication.merge_people import CNS, KEPT, OTHER, WHOLE, differing
from beneficiaries.services.deduplication.regrouping import ADDRESS
from beneficiaries.services.deduplication.split_person import COPIED, Leaving
from cnsportal.formats.br import format_date

LABELS = {name: str(field.label) for name, field in PersonForm.base_fields.items()} | {
    "address": "Endereço",
    CNS: "CNS atual",
}
CHOOSE = "Escolha qual dos dois vale."
MUST_CHOOSE = frozenset({"cpf", "birth_date", CNS})
"""What no default is offered for: a wrong one makes the record somebody else's."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Motivo", max_length=300, strip=True, validators=[refuse_numbers],
        help_text="Em poucas palavras: o que mostra que é assim.",
        error_messages={"required": "Diga o motivo.", "max_length": "O motivo pode ter até 300 letras."},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MergedField:
    """One line of two records side by side; ``choice`` where somebody must say which counts."""

    label: str
    ours: str
    theirs: str
    choice: forms.BoundField | None = None


class MergeForm(ReasonForm):
    read = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kept: Person, other: Person, numbers: Sequence[CnsNumber], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = (kept, other)
        self.numbers = {number.person_id: format_cns(number.number) for number in numbers}
        for name in [*differing(kept, other), *([CNS] if len(self.numbers) == 2 else [])]:
            self.fields[name] = forms.ChoiceField(
                label=LABELS[name], choices=list(zip((KEPT, OTHER), self._pair_of_values(name), strict=True)),
                widget=forms.RadioSelect, initial=None if name in MUST_CHOOSE else KEPT,
                error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
            )  # fmt: skip

    @property
    def choices(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.fields if name not in {"reason", "read"}}

    def rows(self) -> Iterator[MergedField]:
        """What at least one of the two has."""
        for name in (*WHOLE, "address", CNS):
            ours, theirs = self._pair_of_values(name)
            if ours or theirs:
                yield MergedField(LABELS[name], ours, theirs, self[name] if name in self.fields else None)

    def _pair_of_values(self, name: str) -> tuple[str, str]:
        kept, other = (self._side(person, name) for person in self.people)
        return kept, other

    def _side(self, person: Person, name: str) -> str:
        return self.numbers.get(person.pk, "") if name == CNS else shown(person, name)


def shown(person: Person, name: str) -> str:
    """A value of a record as people read it."""
    if name == "address":
        return address_of(person)
    value = getattr(person, name) or ""
    if name == "cpf":
        return format_cpf(value) if value else ""
    if name == "sex":
        return str(Sex(value).label) if value in Sex.values else ""
    return format_date(value) if isinstance(value, date) else str(value)


def address_of(person: Person) -> str:
    told = {name: getattr(person, name) for name in ADDRESS}
    town = find_municipality(told.pop("city_code"))
    return ", ".join(str(part) for part in (*told.values(), town) if part)


class IdentityForm(PersonForm):
    """Of a record that is being split: what identifies its person. Both keep what else it has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in COPIED:
            del self.fields[name]


class NewIdentityForm(IdentityForm):
    """Of the record that comes to be: numbers that one person alone has are not taken over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, "cpf": None, "dn": "", "pis_pasep": ""}


class SplitForm(ReasonForm):
    read = forms.CharField(widget=forms.HiddenInput)
    links = forms.TypedMultipleChoiceField(
        label="Vínculos", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Escolha ao menos um vínculo da pessoa nova."},
    )  # fmt: skip
    numbers = forms.TypedMultipleChoiceField(
        label="Números do CNS", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    reviews = forms.TypedMultipleChoiceField(
        label="Revisões", coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        links = Beneficiary.objects.filter(person=person).select_related("plan").order_by("pk")
        numbers = CnsNumber.objects.filter(person=person).order_by("-attached_at", "-pk")
        cases = Review.objects.filter(person=person).order_by("-pk")
        self._offer("links", [(link.pk, _link(link)) for link in links])
        self._offer("numbers", [(number.pk, _number(number)) for number in numbers])
        self._offer("reviews", [(case.pk, _case(case)) for case in cases])

    def _offer(self, name: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101  (made above)
        field.choices = choices

    @property
    def leaving(self) -> Leaving:
        return Leaving(**{name: self.cleaned_data[name] for name in ("links", "numbers", "reviews")})


def _link(link: Beneficiary) -> str:
    state = "" if link.is_active else ", cancelado"
    return f"{link.plan}, código {link.code}, desde {format_date(link.contracted_on)}{state}"


def _number(number: CnsNumber) -> str:
    state = "atual" if number.is_current else str(number.get_end_reason_display())
    return f"{format_cns(number.number)}, {number.get_source_display()}, {state}"


def _case(case: Review) -> str:
    return f"{format_cns(case.number)}, {case.get_source_display()}, {case.get_status_display()}"

"""What the list of people is narrowed to, sorted by and shown with, as its address says it."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from beneficiaries.domain.identity_policy import Tier
from beneficiaries.domain.municipalities import find_municipality
from beneficiaries.models import CnsSource, Company, Plan
from beneficiaries.queries.people_filters import AGE_GROUPS, Counts
from cnsportal.formats.br import format_count, format_date


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def _age_label(group: str) -> str:
    youngest, oldest = AGE_GROUPS[group]
    return f"{youngest} anos ou mais" if oldest is None else f"{youngest} a {oldest} anos"


class PeopleFilterForm(forms.Form):
    """Values that cannot be read narrow nothing."""

    plano: "forms.ModelChoiceField[Plan]" = forms.ModelChoiceField(
        label="Plano", queryset=None, required=False, empty_label="Todos"
    )
    empresa: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        label="Empresa contratante", queryset=None, required=False, empty_label="Todas"
    )
    contrato = forms.CharField(label="Número do contrato", max_length=40, required=False)
    municipio = forms.CharField(
        label="Município",
        required=False,
        validators=[RegexValidator("[0-9]{6}")],
        max_length=6,
        widget=forms.Select,
    )
    idade = forms.ChoiceField(
        label="Idade", required=False, choices=[("", "Todas"), *((group, _age_label(group)) for group in AGE_GROUPS)]
    )
    origem = forms.ChoiceField(label="Origem do CNS", required=False, choices=[("", "Todas"), *CnsSource.choices])
    nivel = forms.ChoiceField(
        label="Nível da identidade",
        required=False,
        choices=[("", "Todos"), *((each, each) for each in Tier)],
    )
    desde = _day("CNS desde")
    ate = _day("CNS até")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans: Any = self.fields["plano"]
        plans.queryset = Plan.objects.order_by("name")
        companies: Any = self.fields["empresa"]
        companies.queryset = Company.objects.order_by("legal_name")
        self.is_valid()

    def offer(self, counts: Counts) -> None:
        """Only the values that somebody found has, with how many; the chosen one stays."""
        plans = Plan.objects.in_bulk(self._offered("plano", counts))
        companies = Company.objects.in_bulk(self._offered("empresa", counts))
        self._choose("plano", "Todos", counts, ((key, str(plan)) for key, plan in plans.items()))
        self._choose("empresa", "Todas", counts, ((key, str(company)) for key, company in companies.items()))
        self._choose("municipio", "Todos", counts, ((code, _town(code)) for code in self._offered("municipio", counts)))
        for name, every in (("idade", "Todas"), ("origem", "Todas"), ("nivel", "Todos")):
            labels = [choice for choice in self._field(name).choices if choice[0]]
            self._choose(name, every, counts, labels)

    def _offered(self, name: str, counts: Counts) -> list[Any]:
        chosen = self.cleaned_data.get(name)
        key = getattr(chosen, "pk", chosen)
        return list(dict.fromkeys([*([key] if key else []), *counts[name]]))

    def _choose(self, name: str, every: str, counts: Counts, labels: Iterable[tuple[Any, str]]) -> None:
        known = counts[name]
        shown = [(value, f"{label} ({format_count(known.get(value, 0))})") for value, label in labels]
        self._field(name).widget.choices = [("", every), *sorted(shown, key=lambda each: -known.get(each[0], 0))]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def in_words(self) -> dict[str, str]:
        """What narrows the list, each in words for people, by the name of its field."""
        said: dict[str, Callable[[Any], str]] = {
            "plano": str,
            "empresa": str,
            "contrato": lambda number: f"contrato {number}",
            "municipio": _town,
            "idade": _age_label,
            "origem": lambda source: CnsSource(source).label,
            "nivel": lambda tier: f"nível {tier}",
            "desde": lambda day: f"CNS desde {format_date(day)}",
            "ate": lambda day: f"CNS até {format_date(day)}",
        }
        chosen = {name: self.cleaned_data.get(name) for name in said}
        return {name: said[name](value) for name, value in chosen.items() if value}


def _town(code: str) -> str:
    return str(find_municipality(code) or code)

"""The form that chooses by which data a person is searched for."""

from collections.abc import Iterator
from typing import Any

from django import forms

from beneficiaries.domain.identifiers import cns_is_valid, digits, mask_cns, mask_cpf, nis_is_valid
from beneficiaries.models import Person
from cadsus.client.pdq_query import SearchKey
from cadsus.domain.search_override import SearchOverride
from cadsus.services.lookups.search_strategy import known_facts, known_number

REPORTED_CNS, REPORTED_NIS = "cns_informado", "nis_informado"
BY_REPORTED_NUMBER = {REPORTED_CNS: SearchKey.CNS, REPORTED_NIS: SearchKey.NIS}
WRONG = {
    REPORTED_CNS: "Este CNS não passa na conferência dos dígitos. Confira os 15 números com a pessoa.",
    REPORTED_NIS: "Este NIS não passa na conferência do dígito. Confira os 11 números com a pessoa.",
}
VALID = {REPORTED_CNS: cns_is_valid, REPORTED_NIS: nis_is_valid}
FACTS = {"name": "nome", "birth_date": "data de nascimento", "mother_name": "nome da mãe", "sex": "sexo"}
CITY_DIGITS = {6, 7}  # the seventh of IBGE's code checks the others; CadSUS does without it


class AskByForm(forms.Form):
    """``wish`` as ask_cns takes it; the choices are what is known of the person, masked."""

    by = forms.ChoiceField(
        label="Consultar por",
        widget=forms.RadioSelect,
        error_messages={"required": "Escolha por qual dado consultar.", "invalid_choice": "Escolha uma das opções."},
    )
    told = forms.CharField(
        label="Número informado",
        required=False,
        max_length=30,
        help_text="Só para um CNS ou NIS que a pessoa informou. Pontos e espaços não atrapalham.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    facts = forms.MultipleChoiceField(
        label="Dados pessoais a usar",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Só para a consulta por dados pessoais: dois ou mais. O DATASUS procura quem combina com todos eles; "
        "desmarque o que pode estar escrito de outro jeito.",
        error_messages={"invalid_choice": "Escolha entre os dados da lista."},
    )
    birth_city = forms.CharField(
        label="Município de nascimento (código do IBGE)",
        required=False,
        max_length=10,
        help_text="Também só para a consulta por dados pessoais: 6 ou 7 números, como 3550308 para São Paulo.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, person: Person, known_cns: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(_choices(person, known_cns))
        self.fields["by"].choices = choices  # type: ignore[attr-defined]
        self.fields["by"].initial = choices[0][0]
        facts = [(name, FACTS[name]) for name in known_facts(person)]
        self.fields["facts"].choices = facts  # type: ignore[attr-defined]
        self.fields["facts"].initial = [name for name, _ in facts]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        by = cleaned.get("by", "")
        if by in BY_REPORTED_NUMBER:
            cleaned["override"] = self._by_reported_number(by, digits(cleaned.get("told", "")))
        elif by == SearchKey.DEMOGRAPHICS.value:
            if "facts" in cleaned and "birth_city" in cleaned:
                cleaned["override"] = self._by_facts(cleaned["facts"], cleaned["birth_city"])
        elif by:
            cleaned["override"] = SearchOverride(SearchKey(by))
        return cleaned

    def _by_reported_number(self, by: str, number: str) -> SearchOverride:
        if not number:
            self.add_error("told", "Digite o número que a pessoa informou.")
        elif not VALID[by](number):
            self.add_error("told", WRONG[by])
        return SearchOverride(BY_REPORTED_NUMBER[by], number)

    def _by_facts(self, facts: list[str], typed: str) -> SearchOverride:
        city = digits(typed)
        if typed and len(city) not in CITY_DIGITS:
            self.add_error("birth_city", "Escreva o código do IBGE com 6 ou 7 números.")
        elif len(facts) + bool(city) < 2:
            self.add_error("facts", "Marque pelo menos dois dados, ou um e o município de nascimento.")
        return SearchOverride(SearchKey.DEMOGRAPHICS, facts=tuple(facts), birth_city=city[:6])

    @property
    def override(self) -> SearchOverride:
        override: SearchOverride = self.cleaned_data["override"]
        return override


def _choices(person: Person, known_cns: str) -> Iterator[tuple[str, str]]:
    if person.cpf:
        yield SearchKey.CPF.value, f"CPF do cadastro, {mask_cpf(person.cpf)}"
    if known_cns:
        yield SearchKey.CNS.value, f"CNS do cadastro, {mask_cns(known_cns)}"
    yield REPORTED_CNS, "CNS que a pessoa informou"
    if nis := known_number(SearchKey.NIS, person, ""):
        yield SearchKey.NIS.value, f"NIS do cadastro, final {nis[-3:]}"
    yield REPORTED_NIS, "NIS que a pessoa informou"
    yield SearchKey.DEMOGRAPHICS.value, "Dados pessoais, sem número"

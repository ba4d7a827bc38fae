"""By what a person is to be asked about."""

from typing import Any

from django import forms

from beneficiaries.identifiers import cns_is_valid, digits, mask_cns, mask_cpf, nis_is_valid
from beneficiaries.models import Person
from cadsus.messages import SearchKey
from cadsus.services.searching import known_number

TOLD_CNS, TOLD_NIS = "cns_informado", "nis_informado"
TOLD = {TOLD_CNS: SearchKey.CNS, TOLD_NIS: SearchKey.NIS}
WRONG = {
    TOLD_CNS: "Este CNS não passa na conferência dos dígitos. Confira os 15 números com a pessoa.",
    TOLD_NIS: "Este NIS não passa na conferência do dígito. Confira os 11 números com a pessoa.",
}
VALID = {TOLD_CNS: cns_is_valid, TOLD_NIS: nis_is_valid}


class AskByForm(forms.Form):
    """``key`` and ``number`` as ask_cns takes them; the choices are what is known of the person, masked."""

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

    def __init__(self, *args: Any, person: Person, known_cns: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(_choices(person, known_cns))
        self.fields["by"].choices = choices  # type: ignore[attr-defined]
        self.fields["by"].initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        by, told = cleaned.get("by", ""), digits(cleaned.get("told", ""))
        if by in TOLD and not told:
            self.add_error("told", "Digite o número que a pessoa informou.")
        elif by in TOLD and not VALID[by](told):
            self.add_error("told", WRONG[by])
        return {**cleaned, "key": TOLD.get(by) or by, "number": told if by in TOLD else ""}

    @property
    def key(self) -> SearchKey:
        return SearchKey(self.cleaned_data["key"])

    @property
    def number(self) -> str:
        return str(self.cleaned_data["number"])


def _choices(person: Person, known_cns: str) -> Any:
    if person.cpf:
        yield SearchKey.CPF.value, f"CPF do cadastro, {mask_cpf(person.cpf)}"
    if known_cns:
        yield SearchKey.CNS.value, f"CNS do cadastro, {mask_cns(known_cns)}"
    yield TOLD_CNS, "CNS que a pessoa informou"
    if nis := known_number(SearchKey.NIS, person, ""):
        yield SearchKey.NIS.value, f"NIS do cadastro, final {nis[-3:]}"
    yield TOLD_NIS, "NIS que a pessoa informou"
    facts = "nome, nascimento e nome da mãe" if person.mother_name else "nome e nascimento"
    yield SearchKey.DEMOGRAPHICS.value, f"Dados pessoais: {facts}"

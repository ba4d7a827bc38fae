"""Forms of the accreditation board."""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from beneficiaries.domain.identifiers import cns_is_valid, digits
from cadsus.domain.accreditation_steps import Step
from cadsus.domain.sgop import SgopRole, SgopState
from cadsus.models.accreditation import AccreditationStep, SgopMachine, SgopPerson
from cnsportal.formats.br import DATE_FORMAT, format_date

EARLIEST = date(2000, 1, 1)


class TrackedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Carries the version that was read; dates each state, by itself where the writer does not."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    past: ClassVar[tuple[str, ...]] = ()  # dates of what has happened, beside those of states

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        for name, field in self.fields.items():
            field.error_messages["required"] = f"Preencha “{field.label}”."
            if isinstance(field, forms.DateField):
                _as_date(field)
            if name.endswith("_since"):
                field.label = f"{self.fields[name.replace('_since', '_state')].label}: desde quando"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self._states():
            self._date_state(cleaned, f"{name}_state", f"{name}_since")
        for field in (*(f"{name}_since" for name in self._states()), *self.past):
            if cleaned.get(field):
                self._refuse_odd(field, cleaned[field])
        return cleaned

    def _states(self) -> Iterator[str]:
        return (field.removesuffix("_state") for field in self.fields if field.endswith("_state"))

    def _date_state(self, cleaned: dict[str, Any], state: str, since: str) -> None:
        if state not in cleaned or since not in cleaned:
            return
        changed = cleaned[state] != self.initial.get(state, SgopState.TODO)
        if cleaned[state] == SgopState.TODO:
            cleaned[since] = None
        elif cleaned[since] is None or (changed and cleaned[since] == self.initial.get(since)):
            cleaned[since] = timezone.localdate()

    def _refuse_odd(self, field: str, day: date) -> None:
        if day > timezone.localdate():
            self.add_error(field, "A data está no futuro: informe o dia em que aconteceu.")
        elif day < EARLIEST:
            self.add_error(field, "Confira o ano da data.")

    def rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField | None]]:
        """The fields as they are shown: a state together with its day, the others alone."""
        for bound in self.visible_fields():
            if not bound.name.endswith("_since"):
                since = bound.name.replace("_state", "_since")
                yield bound, self[since] if since != bound.name else None

    @property
    def values(self) -> dict[str, Any]:
        """What the service writes: the fields of the row itself."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or () if name in self.fields}

    def differences(self) -> list[tuple[str, str, str]]:
        """Where the row as it is stands against what was sent: label, stored, sent. Of a form that is valid."""
        rows = [(self[name], self.initial.get(name), self.cleaned_data.get(name)) for name in self._compared_fields()]
        return [
            (str(bound.label), _display(bound, old), _display(bound, new))
            for bound, old, new in rows
            if (old or None) != (new or None)
        ]

    def _compared_fields(self) -> list[str]:
        return [name for name in self.fields if name != "version"]


def _as_date(field: forms.DateField) -> None:
    """As text, since a browser shows its own calendar in its own language and order."""
    field.widget = forms.DateInput(format=DATE_FORMAT, attrs={"inputmode": "numeric", "placeholder": "dd/mm/aaaa"})
    field.error_messages["invalid"] = "Informe a data como dd/mm/aaaa."


def _display(bound: forms.BoundField, value: object) -> str:
    if isinstance(value, date):
        return format_date(value)
    choices = dict(getattr(bound.field, "choices", ()))
    return str(choices.get(value, value)) if value else "em branco"


class StepForm(TrackedForm):
    """A step. What the portal can see nobody may call done; where it sees it done there is no more to say."""

    cnes = forms.CharField(
        label="Número do CNES",
        max_length=7,
        required=False,
        validators=[RegexValidator(r"^\d{7}\Z", "O CNES tem 7 algarismos: confira o número.")],
        help_text="7 algarismos. Com ele, este passo fica pronto.",
    )

    class Meta:
        model = AccreditationStep
        fields = ("step_state", "step_since", "due_on", "responsible", "protocol", "note")
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 3})}

    field_order = ("cnes", *Meta.fields)

    def __init__(self, *args: Any, step: Step, cnes: str, is_seen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["cnes"] = cnes
        if step != Step.CNES:
            del self.fields["cnes"]
        if is_seen:
            del self.fields["step_state"], self.fields["step_since"]
        elif not step.is_declared:
            self._leave_done_to_the_portal()
        self.fields["due_on"].help_text = "O dia até quando se espera a resposta, ou em que é preciso renovar."

    def _leave_done_to_the_portal(self) -> None:
        field = cast("forms.ChoiceField", self.fields["step_state"])
        field.choices = [(state.value, state.label) for state in SgopState if state != SgopState.DONE]
        field.help_text = "Fica pronto sozinho, quando o portal vê que está."
        field.error_messages["invalid_choice"] = "Este passo fica pronto sozinho: escolha outra situação."


class SgopPersonForm(TrackedForm):
    """An operator of SGOP is asked less than an administrator."""

    class Meta:
        model = SgopPerson
        fields = (
            "name",
            "role",
            "position",
            "cns_state",
            "cns_since",
            "govbr_state",
            "govbr_since",
            "elsewhere_state",
            "elsewhere_since",
            "profile_state",
            "profile_since",
            "access_state",
            "access_since",
            "protocol",
            "responsible",
        )
        help_texts: ClassVar = {
            "position": "Uma destas. Não precisa ser quem representa a operadora na ANS.",
            "cns_state": "Se o SGOP reclamar da qualidade, uma unidade de saúde corrige o cadastro da pessoa.",
            "elsewhere_state": "Quem responde por outro estabelecimento no CNES não pode ser o administrador.",
            "protocol": "Do chamado aberto no suporte do CadSUS Web (“quero abrir um chamado”).",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._role() != SgopRole.ADMINISTRADOR:
            for name in ("position", "elsewhere_state", "elsewhere_since"):
                del self.fields[name]
        by = "o suporte do CadSUS Web" if self._role() == SgopRole.ADMINISTRADOR else "o administrador da operadora"
        self.fields["access_state"].help_text = f"Quem autoriza é {by}."

    def _role(self) -> str:
        """As it was sent, else as it is."""
        return str(self.data.get("role") or self.initial.get("role") or "")


class OwnCnsForm(forms.Form):
    """``number``: digits alone. It is asked for each time, since the portal does not keep it."""

    number = forms.CharField(
        label="CNS da própria pessoa",
        max_length=30,
        error_messages={"required": "Digite o CNS que a pessoa informou."},
        help_text="15 algarismos; pontos e espaços não atrapalham. O portal não guarda o número.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        number = digits(self.cleaned_data["number"])
        if not cns_is_valid(number):
            raise forms.ValidationError(
                "Este CNS não passa na conferência dos dígitos. Confira os 15 números com a pessoa."
            )
        return number


class SgopMachineForm(TrackedForm):
    past = ("warsaw_on",)

    class Meta:
        model = SgopMachine
        fields = ("name", "warsaw_on", "approval_state", "approval_since")
        help_texts: ClassVar = {
            "approval_state": "Cadastrada no SGOP e ainda não autorizada: aguardando resposta.",
        }

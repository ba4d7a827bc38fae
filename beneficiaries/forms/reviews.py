"""Forms of the review desk: one decision, a decision on a group of cases, the list of past decisions."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from beneficiaries.forms.search import refuse_numbers
from beneficiaries.models import DecisionReason, Review
from operators.context import current_operator_id
from operators.models import User


class SettleForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[("accept", "Aceitar"), ("dismiss", "Descartar")],
        error_messages={
            "required": "Aceite ou descarte o número.",
            "invalid_choice": "Aceite ou descarte o número.",
        },
    )
    reason = forms.ChoiceField(
        label="Motivo",
        required=False,
        choices=[("", "Sem motivo"), *DecisionReason.choices],
        error_messages={"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."},
    )
    note = forms.CharField(label="Observação", max_length=300, required=False, validators=[refuse_numbers])

    confirms = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """The user whose proposal was shown; blank where there was none."""

    @property
    def accepts(self) -> bool:
        return bool(self.cleaned_data["decision"] == "accept")

    def clean(self) -> dict[str, Any]:
        reason, decision = self.cleaned_data.get("reason"), self.cleaned_data.get("decision")
        if reason and decision and DecisionReason(reason).is_against is self.accepts:
            opposite = "descartar" if self.accepts else "aceitar"
            self.add_error("reason", f"Este motivo é para {opposite}. Escolha outro, ou a outra decisão.")
        return self.cleaned_data


class SettleGroupForm(SettleForm):
    """``last`` is the newest case of the group as it was shown."""

    looked = forms.BooleanField(
        label="Conferi a amostra", error_messages={"required": "Confira a amostra e marque aqui."}
    )
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["reason"]
        reason.required = True
        reason.choices = [("", "Escolha o motivo"), *DecisionReason.choices]


class ReviewPolicyForm(forms.Form):
    risky_decisions_by_two = forms.BooleanField(
        label="Duas pessoas para decisões de risco",
        help_text=(
            "Aceitar um número quando CPF, nascimento, nome ou nome da mãe diferem, quando um número verificado seria "
            "trocado, ou quando o número já foi retirado da pessoa: um revisor propõe, outro confirma. Desmarque só se "
            "a operadora tem um único revisor."
        ),
        required=False,
    )


class DecidedForm(forms.Form):
    """What the list of decided cases is narrowed to; what cannot be read narrows nothing."""

    decisao = forms.ChoiceField(
        label="Decisão",
        required=False,
        choices=[("", "Todas"), ("ACCEPTED", "Aceitas"), ("DISMISSED", "Descartadas"), ("WITHDRAWN", "Retiradas")],
    )
    quem = forms.ModelChoiceField(
        label="Quem decidiu", required=False, queryset=User.objects.none(), empty_label="Todos"
    )
    de = forms.DateField(label="De", required=False, widget=forms.DateInput({"type": "date"}))
    ate = forms.DateField(label="Até", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["quem"]
        people.queryset = (
            User.objects.filter(memberships__operator=current_operator_id()).distinct().order_by("first_name")
        )

    def narrowed(self, rows: QuerySet[Review]) -> QuerySet[Review]:
        self.is_valid()
        lookups = {
            "decisao": "status",
            "quem": "decided_by",
            "de": "decided_at__date__gte",
            "ate": "decided_at__date__lte",
        }
        chosen = {name: self.cleaned_data.get(field) for field, name in lookups.items()}
        return rows.filter(**{name: value for name, value in chosen.items() if value})

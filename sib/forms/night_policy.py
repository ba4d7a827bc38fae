"""The form of what an operator lets its nights do automatically."""

from typing import Any

from django import forms

from operators.models import Operator
from sib.domain.reconcile import Outcome

APPLICABLE_OUTCOMES = (
    Outcome.CNS_NEW,
    Outcome.CNS_CHANGED,
    Outcome.CNS_CONFIRMED,
    Outcome.REVIEW,
    Outcome.OTHER_PERSON,
    Outcome.DIVERGENT,
)
"""Outcomes that applying does something about."""


class NightPolicyForm(forms.Form):
    auto_tier = forms.ChoiceField(
        label="Vincular um CNS sem revisão",
        help_text="No nível A, CPF, nome e nascimento são iguais. No B, o nome está abreviado ou o sobrenome mudou.",
        choices=[(tier.value, tier.label[0].upper() + tier.label[1:]) for tier in Operator.AutoTier],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Escolha até onde o portal vincula sozinho.",
            "invalid_choice": "Escolha um nível.",
        },
    )
    cnx_auto_apply = forms.BooleanField(
        label="Aplicar sozinho as conferências que chegam pela pasta de entrada", required=False
    )
    outcomes = forms.MultipleChoiceField(
        label="O que aplicar sozinho",
        help_text="O que não for marcado fica ensaiado, à espera de alguém.",
        choices=[(outcome.name, outcome.value[0].upper() + outcome.value[1:]) for outcome in APPLICABLE_OUTCOMES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Marque só resultados da lista."},
    )

    @classmethod
    def of(cls, operator: Operator) -> "NightPolicyForm":
        chosen = operator.cnx_auto_outcomes or [outcome.name for outcome in APPLICABLE_OUTCOMES]
        policy = {"auto_tier": operator.auto_tier, "cnx_auto_apply": operator.cnx_auto_apply, "outcomes": chosen}
        return cls(initial=policy)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("cnx_auto_apply") and not cleaned.get("outcomes") and "outcomes" not in self.errors:
            self.add_error("outcomes", "Marque ao menos um resultado, ou desmarque a aplicação automática.")
        return cleaned

    def policy(self) -> dict[str, Any]:
        """As the operator keeps it: no outcome named where all are meant."""
        data, every = self.cleaned_data, [outcome.name for outcome in APPLICABLE_OUTCOMES]
        outcomes = [] if set(data["outcomes"]) == set(every) else sorted(data["outcomes"])
        return {
            "auto_tier": data["auto_tier"],
            "cnx_auto_apply": data["cnx_auto_apply"],
            "cnx_auto_outcomes": outcomes if data["cnx_auto_apply"] else [],
        }

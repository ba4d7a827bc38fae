"""What the staff write when a link ends, or comes back."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from beneficiaries.domain.ans_vocabularies import CANCELLATION_REASONS
from beneficiaries.domain.csv_columns import Values
from beneficiaries.forms.fields import CellField, CodeField
from beneficiaries.forms.people import RegistryForm
from beneficiaries.models import Beneficiary
from cnsportal.formats.br import format_date

HOLDER_ALONE = "so"
CHOOSE_DEPENDANTS = "Diga se os dependentes saem também."
DEPENDANTS_CHANGED = "Os dependentes em vigor mudaram enquanto a página estava aberta. Confira e escolha de novo."


class LinkStatusForm(RegistryForm):
    """Of a link that is there: the dates it has are given beside those that are written."""

    row: Beneficiary

    def row_values(self, cleaned: dict[str, Any]) -> Values:
        return {"dataContratacao": self.row.contracted_on, **super().row_values(cleaned)}


class CancelLinkForm(LinkStatusForm):
    cancelled_on = CellField("dataCancelamento", "Data do cancelamento", required=True)
    cancellation_reason = CodeField(
        "motivoCancelamento",
        "Motivo do cancelamento",
        [("", "escolha"), *((code, f"{code}: {name}") for code, (name,) in CANCELLATION_REASONS.items())],
        required=True,
    )
    with_dependants = forms.ChoiceField(
        label="E os dependentes?",
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE_DEPENDANTS, "invalid_choice": DEPENDANTS_CHANGED},
    )

    def __init__(self, *args: Any, row: Beneficiary, **kwargs: Any) -> None:
        self.active_dependants = list(_active_dependants(row))
        super().__init__(*args, row=row, **kwargs)
        if not self.active_dependants:
            del self.fields["with_dependants"]
            return
        keys = ",".join(str(dependant.pk) for dependant in self.active_dependants)
        choices = [(keys, "Saem também, com a mesma data e o mesmo motivo"), (HOLDER_ALONE, "Continuam em vigor")]
        self.fields["with_dependants"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them

    @property
    def names(self) -> list[str]:
        return ["cancelled_on", "cancellation_reason"]

    @property
    def leaving(self) -> list[Beneficiary]:
        """The dependants who leave with their holder."""
        chosen = self.cleaned_data.get("with_dependants", HOLDER_ALONE)
        return [] if chosen == HOLDER_ALONE else self.active_dependants

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day = cleaned.get("cancelled_on")
        back = self.row.reactivated_on
        if day and back and day < back:
            self.add_error("cancelled_on", f"É anterior à reativação, de {format_date(back)}.")
        later = [link.person for link in self.leaving if day and _start(link) > day]
        if later:
            names = ", ".join(person.social_name or person.name for person in later)
            self.add_error("with_dependants", f"A cobertura começa depois desta data para: {names}.")
        return cleaned


class ReactivateLinkForm(LinkStatusForm):
    reactivated_on = CellField("dataReativacao", "Data da reativação", required=True)

    @property
    def names(self) -> list[str]:
        return ["reactivated_on", "cancelled_on", "cancellation_reason"]

    def stored(self) -> dict[str, Any]:
        """An earlier reactivation is not the one that is asked for."""
        return {"reactivated_on": timezone.localdate()}

    @property
    def values(self) -> dict[str, Any]:
        return {
            "reactivated_on": self.cleaned_data["reactivated_on"],
            "cancelled_on": None,
            "cancellation_reason": "",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, ended = cleaned.get("reactivated_on"), self.row.cancelled_on
        if self.row.is_active:
            raise forms.ValidationError("Este vínculo está em vigor.")
        if day and ended and day < ended:
            self.add_error("reactivated_on", f"É anterior ao cancelamento, de {format_date(ended)}.")
        return cleaned


def _active_dependants(link: Beneficiary) -> QuerySet[Beneficiary]:
    return Beneficiary.objects.active().filter(holder=link.pk).select_related("person").order_by("pk")


def _start(link: Beneficiary) -> date:
    return link.reactivated_on or link.contracted_on

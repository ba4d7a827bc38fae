"""Forms of the people pages: search, reason for seeing full numbers, decisions."""

import re
from typing import Any

from django import forms
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from beneficiaries.domain.identifiers import cns_is_valid, cpf_is_valid
from beneficiaries.models import Review
from operators.context import current_operator_id
from operators.middleware import PortalRequest
from operators.models import User
from operators.permissions import UNMASK_REASONS

EDITING = "alteracao"
SEEN_BECAUSE = {**UNMASK_REASONS, EDITING: "Alteração do cadastro"}
"""Why numbers were shown in full: what people choose, and what opening a form means."""
_CPF = re.compile(r"(?<!\d)\d{3}[\s.]?\d{3}[\s.]?\d{3}[\s-]?\d{2}(?!\d)", re.ASCII)
_CNS = re.compile(r"(?<!\d)\d{3}[\s.]?\d{4}[\s.]?\d{4}[\s.]?\d{4}(?!\d)", re.ASCII)
_TOKEN = re.compile("[0-9a-f]{24}")
SEARCH_TTL_SECONDS = 12 * 3600  # a working day


class SearchForm(forms.Form):
    q = forms.CharField(max_length=150, required=False, strip=True)

    def stash(self, request: PortalRequest) -> str:
        """An opaque token for what was searched, valid for a day: names and numbers never appear in a URL."""
        text = self.cleaned_data["q"]
        if not text:
            return ""
        token = salted_hmac("beneficiaries.search", f"{request.user.pk}:{request.operator.pk}:{text}").hexdigest()[:24]
        cache.set(_place(request.user.pk, token), text, SEARCH_TTL_SECONDS)
        return token


def recall(request: PortalRequest, token: str) -> str:
    """What the reader searched under this word; empty when it was never his or her own, or is too long ago."""
    return recall_of(request.user.pk, token)


def recall_of(reader_id: int, token: str) -> str:
    """The same for a worker, who has no request."""
    return str(cache.get(_place(reader_id, token), "")) if _TOKEN.fullmatch(token) else ""


def _place(reader_id: int, token: str) -> str:
    return f"search:{reader_id}:{current_operator_id()}:{token}"


class UnmaskForm(forms.Form):
    reason = forms.ChoiceField(
        label="Motivo",
        choices=list(UNMASK_REASONS.items()),
        error_messages={"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."},
    )


def refuse_numbers(text: str) -> None:
    """What the staff write is read by people who may not see a CPF or CNS in full."""
    numbers = [re.sub(r"\D", "", found) for found in (*_CPF.findall(text), *_CNS.findall(text))]
    if any(cpf_is_valid(number) or cns_is_valid(number) for number in numbers):
        raise forms.ValidationError("Não escreva CPF nem CNS aqui: este texto aparece a quem não pode vê-los.")


class SettleForm(forms.Form):
    decision = forms.ChoiceField(choices=[("accept", "Aceitar"), ("dismiss", "Descartar")])
    note = forms.CharField(label="Observação", max_length=300, required=False, validators=[refuse_numbers])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].error_messages = {
            "required": "Aceite ou descarte o número.",
            "invalid_choice": "Aceite ou descarte o número.",
        }

    @property
    def accepts(self) -> bool:
        return bool(self.cleaned_data["decision"] == "accept")


class DisownForm(forms.Form):
    why = forms.ChoiceField(
        label="Por que o número não é desta pessoa",
        choices=[
            ("", "Escolha o motivo"),
            ("pessoa", "A pessoa disse que não é dela"),
            ("dados", "O número mostra os dados de outra pessoa"),
            ("engano", "Foi aceito por engano"),
            ("outro", "Outro motivo"),
        ],
        error_messages={"required": "Escolha o motivo.", "invalid_choice": "Escolha um dos motivos da lista."},
    )
    note = forms.CharField(label="Observação", max_length=200, required=False, validators=[refuse_numbers])

    @property
    def reason(self) -> str:
        """In words, as the audit trail keeps it."""
        field = self.fields["why"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        words = dict(field.choices)[self.cleaned_data["why"]]  # type: ignore[arg-type]
        return ". ".join(filter(None, [str(words), self.cleaned_data["note"]]))


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

"""Forms of the people pages: search, reason for seeing full numbers, a number that is not the person's."""

import re

from django import forms
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from beneficiaries.domain.identifiers import cns_is_valid, cpf_is_valid
from operators.context import current_operator_id
from operators.middleware import PortalRequest
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

"""Forms of the queue: pause it for a while, remove lookups from it."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Self

from django import forms
from django.utils import timezone

from cadsus.models import Pause, Priority
from cnsportal.formats.br import DATETIME_FORMAT, format_datetime_in_sentence

SHORTEST, LONGEST = timedelta(minutes=30), timedelta(days=31)
TOMORROW, DATE = "amanha", "data"
LENGTHS = {
    "30min": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1dia": timedelta(days=1),
    "1semana": timedelta(days=7),
    "1mes": timedelta(days=30),
}
CHOICES = (
    ("30min", "30 minutos"),
    ("1h", "1 hora"),
    ("4h", "4 horas"),
    (TOMORROW, "até amanhã às 8h"),
    ("1dia", "1 dia"),
    ("1semana", "1 semana"),
    ("1mes", "1 mês (30 dias)"),
    (DATE, "até a data e hora abaixo"),
)


class PauseForm(forms.Form):
    """``cleaned_data["end"]`` is when the pause ends."""

    length = forms.ChoiceField(
        label="Por quanto tempo",
        choices=CHOICES,
        initial="1h",
        error_messages={"required": "Escolha por quanto tempo.", "invalid_choice": "Escolha uma das opções da lista."},
    )
    until = forms.DateTimeField(
        label="Até",
        required=False,
        help_text="Só para a última opção: de 30 minutos a um mês a partir de agora, assim: 31/12/2026 08:00.",
        widget=forms.DateTimeInput(
            attrs={"placeholder": "dd/mm/aaaa hh:mm", "autocomplete": "off"}, format=DATETIME_FORMAT
        ),
        input_formats=[DATETIME_FORMAT],
        error_messages={"invalid": "Escreva a data e a hora assim: 31/12/2026 08:00."},
    )
    reason = forms.CharField(
        label="Motivo",
        max_length=200,
        help_text="Aparece na página da fila, para que os outros entendam.",
        error_messages={
            "required": "Diga o motivo da pausa.",
            "max_length": "Use até %(limit_value)d caracteres; foram %(show_value)d.",
        },
    )

    @classmethod
    def to_change(cls, pause: Pause | None) -> Self:
        """With what is in force, so that somebody who changes one thing need not write the other again."""
        return cls(initial={"length": DATE, "until": pause.until, "reason": pause.reason} if pause else None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "length" in cleaned and "until" in cleaned:
            cleaned["end"] = self._end(cleaned["length"], cleaned["until"], timezone.localtime())
        return cleaned

    def _end(self, length: str, until: datetime | None, now: datetime) -> datetime | None:
        if length == TOMORROW:
            return datetime.combine(now.date() + timedelta(days=1), time(8), tzinfo=now.tzinfo)
        if length != DATE:
            return now + LENGTHS[length]
        if until is None:
            self.add_error("until", "Informe a data e a hora em que a pausa termina.")
        elif until < now.replace(second=0, microsecond=0) + SHORTEST:
            self.add_error("until", "Escolha um momento daqui a pelo menos 30 minutos.")
        elif until > now + LONGEST:
            latest = format_datetime_in_sentence(now + LONGEST)
            self.add_error("until", f"A pausa dura no máximo um mês: escolha até {latest}.")
        return until


class CancelForm(forms.Form):
    BOTH: ClassVar[str] = "todas"
    WHICH: ClassVar[dict[str, tuple[str, tuple[Priority, ...]]]] = {
        "fila": ("as sem pressa", (Priority.BACKLOG,)),
        "importacao": ("as de pessoas recém-importadas", (Priority.IMPORT,)),
        BOTH: ("todas, menos as pedidas na tela", (Priority.BACKLOG, Priority.IMPORT)),
    }

    which = forms.ChoiceField(
        label="Quais consultas",
        help_text="Sem pressa são as da noite e as pedidas por todos os que estão sem CNS.",
        choices=[(name, words) for name, (words, _) in WHICH.items()],
        error_messages={"required": "Escolha quais consultas.", "invalid_choice": "Escolha uma das opções da lista."},
    )

    @property
    def priorities(self) -> tuple[Priority, ...]:
        return self.WHICH[self.cleaned_data["which"]][1]

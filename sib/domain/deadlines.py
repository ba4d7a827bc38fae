"""The deadlines of ANS for each month, and whether they were met. Pure (docs/reference/sib.md §6).

The competência is the month that is reported: its changes go to ANS by day 5 of the next month, the result is there
within five days, and a conference of that month is worth asking for once a month.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, unique

from cnsportal.formats.br import format_date

DUE_DAY = 5
ANSWER_DAYS = 5  # from sending to the result
SOON_DAYS = 3  # days ahead


@unique
class DeadlineStep(Enum):
    """Name of the step, and what to do about it."""

    SBX = "Arquivo SBX enviado", "Levante as movimentações, componha o arquivo e envie-o."
    RPX = "Resultado (RPX) recebido", "Baixe o resultado da ANS e envie-o ao portal."
    CNX = "Conferência (CNX) lida", "Peça a conferência à ANS e envie-a ao portal."

    def __init__(self, label: str, advice: str) -> None:
        self.label = label
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Deadline:
    """One step of one month; ``due`` is None where it waits for the step before, ``done`` where it is not done."""

    step: DeadlineStep
    competence: date
    due: date | None
    done: date | None
    today: date

    @property
    def days(self) -> int:
        """Left until it is due; negative where it is late."""
        return (self.due - self.today).days if self.due else 0

    @property
    def tone(self) -> str:
        if self.done:
            return "good"
        if self.due is None:
            return "neutral"
        return "bad" if self.days < 0 else "warn" if self.days <= SOON_DAYS else "info"

    @property
    def words(self) -> str:
        if self.done:
            late = self.due and self.done > self.due
            return f"feito em {format_date(self.done)}{', com atraso' if late else ''}"
        if self.due is None:
            return "espera o envio"
        if self.days < 0:
            return f"atrasado há {-self.days} {'dia' if self.days == -1 else 'dias'}"
        if self.days == 0:
            return "vence hoje"
        return f"vence em {self.days} {'dia' if self.days == 1 else 'dias'}"

    @property
    def is_pressing(self) -> bool:
        return not self.done and self.due is not None and self.days <= SOON_DAYS

    @property
    def sentence(self) -> str:
        return f"{self.step.label}, competência {self.competence:%m/%Y}: {self.words}. {self.step.advice}"


def month_after(competence: date) -> date:
    """The first day of it."""
    return (competence.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_until(today: date, count: int) -> list[date]:
    """The last ``count`` months, the present one first."""
    months = [today.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def deadlines(
    competence: date, sent: date | None, answered: date | None, read: date | None, today: date
) -> list[Deadline]:
    """The three steps of one month; the dates say when each was done."""
    following = month_after(competence)
    dues = {
        DeadlineStep.SBX: following.replace(day=DUE_DAY),
        DeadlineStep.RPX: sent + timedelta(days=ANSWER_DAYS) if sent else None,
        DeadlineStep.CNX: month_after(following) - timedelta(days=1),
    }
    dones = {DeadlineStep.SBX: sent, DeadlineStep.RPX: answered, DeadlineStep.CNX: read}
    return [Deadline(step, competence, dues[step], dones[step], today) for step in DeadlineStep]

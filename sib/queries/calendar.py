"""The months of an operator and what is done in each: update files, results, conferences."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from operators.context import current_operator_id
from operators.models import Operator
from sib.domain.deadlines import Deadline, deadlines, month_after, months_until
from sib.models import ConferenceFile, SbxFile, SbxState

MONTHS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Month:
    competence: date
    files: list[SbxFile]
    steps: list[Deadline]


def agenda() -> list[Month]:
    """The present month first, back to the one in which the operator came; a constant number of queries."""
    today = timezone.localdate()
    began = timezone.localdate(Operator.objects.get(pk=current_operator_id()).created_at).replace(day=1)
    months = [month for month in months_until(today, MONTHS_SHOWN) if month >= began]
    files = list(SbxFile.objects.filter(competence__in=months).exclude(state=SbxState.DISCARDED).order_by("pk"))
    read = list(ConferenceFile.objects.filter(mirrored_at__isnull=False).values_list("received_at", flat=True))
    return [_month(month, [each for each in files if each.competence == month], read, today) for month in months]


def urgent_deadlines() -> list[Deadline]:
    """What is late, or due within days; the oldest first."""
    return [step for month in reversed(agenda()) for step in month.steps if step.is_pressing]


def _month(competence: date, files: list[SbxFile], read: list[datetime], today: date) -> Month:
    counting = [each for each in files if each.state != SbxState.REJECTED]  # a refused file counts as not sent
    sent = _all_done([each.sent_at for each in counting])
    answered = _all_done([each.answered_at for each in counting])
    following = month_after(competence)
    came = sorted(map(timezone.localdate, read))
    in_time = next((day for day in came if following <= day < month_after(following)), None)
    return Month(competence, files, deadlines(competence, sent, answered, in_time, today))


def _all_done(moments: list[datetime | None]) -> date | None:
    """The day on which the last of them was done; None where one is not."""
    done = [moment for moment in moments if moment]
    return timezone.localdate(max(done)) if done and len(done) == len(moments) else None

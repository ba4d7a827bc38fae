"""The report of a night: what arrived, what was attached automatically, what needs a person, what is due next.

Made once a day for each operator; made again it is the same. It goes by e-mail where there is something to say.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format

from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, PendingReason, Person, Review
from beneficiaries.models.cns import EndReason
from cnsportal.jobs import Status
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import Operator
from operators.registry import NIGHT_SOURCES
from operators.services.email import MAIL_ERRORS, administrators, send_admin_mail
from sib.domain.reconcile import Outcome
from sib.models import ConferenceFile, NightReport
from sib.queries.calendar import urgent_deadlines
from sib.queries.conference_age import Age, age_of_last

logger = structlog.get_logger(__name__)
FIRST = timedelta(days=1)  # how far back the first report of an operator looks


def make_report() -> NightReport:
    """Today's report, made now where there is none yet, and sent where that is due and was not done."""
    report = NightReport.objects.filter(day=timezone.localdate()).first() or _made()
    if should_be_mailed(report) and report.mailed_at is None:
        _mail(report)
    return report


def _made() -> NightReport:
    """Of two schedulers at once, the first one's."""
    now = timezone.now()
    last = NightReport.objects.order_by("-day").first()
    since = last.until if last else now - FIRST
    facts = facts_of(since, now, last)
    report, _ = NightReport.objects.get_or_create(
        operator_id=current_operator_id(),
        day=timezone.localdate(now),
        defaults={"since": since, "until": now, "facts": facts},
    )
    return report


def facts_of(since: datetime, until: datetime, last: NightReport | None) -> dict[str, Any]:
    """Everything that the page and the letter say, as it stands; no names, no numbers of people."""
    told = [source(since, until) for source in NIGHT_SOURCES]
    age, came, attached = age_of_last(), _came(since, until), _attached(since, until)
    return {
        "conferences": [_conference(file) for file in came],
        "attached": attached.new,
        "waiting": _waiting(),
        "coverage": _coverage(last),
        "lines": [*attached.lines, *(line for each in told for line in each["lines"])],
        "urgent": [
            *_reminders(age),
            *(f"{file.name}: {sentence}" for file in came for sentence in file.doubts),
            *(each.sentence for each in urgent_deadlines()),
            *(sentence for each in told for sentence in each["urgent"]),
        ],
        "age": {"tone": age.tone, "text": age.text},
    }


def _came(since: datetime, until: datetime) -> list[ConferenceFile]:
    came = ConferenceFile.objects.filter(received_at__gt=since, received_at__lte=until)
    return list(came.select_related("compared_with").order_by("pk"))


def _conference(file: ConferenceFile) -> dict[str, Any]:
    differing = sum(count for name, count in file.outcomes.items() if name != Outcome.EQUAL.name)
    return {
        "id": file.pk,
        "name": file.name,
        "step": file.step,
        "failure": file.failure if file.status == Status.FAILED else "",
        "records": file.records,
        "equal": file.outcomes.get(Outcome.EQUAL.name, 0),
        "differing": differing,
        "applied": file.applied,
        "changes": sum(file.changes.values()),
    }


@dataclass(frozen=True, slots=True)
class Attached:
    """Numbers that came by themselves, by source: to people who had none, in the place of another one, the same again.

    What the operator's own file says is no news: it is counted apart.
    """

    new: dict[str, int]
    replaced: int
    confirmed: int
    own: int

    @property
    def lines(self) -> list[list[Any]]:
        told = [
            ["CNS trocados por outro", self.replaced],
            ["CNS que já estavam aqui e foram confirmados", self.confirmed],
            ["CNS lidos do cadastro da operadora", self.own],
        ]
        return [line for line in told if line[1]]


def _attached(since: datetime, until: datetime) -> Attached:
    came = CnsNumber.objects.filter(attached_at__gt=since, attached_at__lte=until, attached_by=None)
    counts = Counter(dict(came.values_list("source").annotate(count=Count("pk")).order_by()))
    replaced, confirmed = (_followed(reason, since, until) for reason in (EndReason.SUPERSEDED, EndReason.CONFIRMED))
    own = counts.pop(CnsSource.IMPORT, 0)
    new = counts - replaced - confirmed
    return Attached(dict(new.most_common()), replaced.total(), confirmed.total(), own)


def _followed(reason: EndReason, since: datetime, until: datetime) -> Counter[str]:
    """How many numbers ended for this reason, by the source of the one that came in their place by itself."""
    next_one = CnsNumber.objects.filter(person=OuterRef("person"), attached_at=OuterRef("ended_at"), attached_by=None)
    ended = CnsNumber.objects.filter(ended_at__gt=since, ended_at__lte=until, end_reason=reason)
    sources = ended.annotate(after=Subquery(next_one.values("source")[:1])).values_list("after", flat=True)
    return Counter(source for source in sources if source)


def _waiting() -> dict[str, int]:
    return {
        "conferences": ConferenceFile.objects.filter(status=Status.WAITING).count(),
        "reviews": Review.objects.filter(status=Review.Status.OPEN).count(),
        "strangers": Person.objects.filter(cns_refusal=PendingReason.OTHER_PERSON).count(),
    }


def _coverage(last: NightReport | None) -> dict[str, int | None]:
    """People with an active link, and how many of them have a CNS: now, and at the last report."""
    active = Person.objects.filter(pk__in=Beneficiary.objects.active().values("person"))
    total, without = active.count(), active.filter(pk__in=Person.objects.without_cns()).count()
    before = last.facts["coverage"]["with_cns"] if last else None
    return {"active": total, "with_cns": total - without, "before": before}


def _reminders(age: Age) -> list[str]:
    """Once when the conference grows old, and once a week from then on."""
    if age.days is None or (age.is_old and (age.days - age.limit) % 7 == 1):
        return [age.advice]
    return []


def should_be_mailed(report: NightReport) -> bool:
    """A night in which nothing came and nothing is due is silent."""
    facts = report.facts
    return bool(facts["conferences"] or facts["attached"] or facts["urgent"])


def _mail(report: NightReport) -> None:
    """One conditional UPDATE comes first: of two schedulers one sends, since two letters are worse than none."""
    people = administrators()
    if not people or not NightReport.objects.filter(pk=report.pk, mailed_at=None).update(mailed_at=timezone.now()):
        return
    operator = Operator.objects.get(pk=report.operator_id)
    address = settings.PUBLIC_URL + reverse("sib:night_report", args=[operator.registration, report.pk])
    try:
        words = {"operator": operator, "report": report, "address": address, **template_context(report.facts)}
        send_admin_mail(f"{operator.trade_name}: {subject_line(report)}", "sib/mail/night_report", words, people)
    except MAIL_ERRORS as error:
        NightReport.objects.filter(pk=report.pk).update(mailed_at=None)
        logger.warning("night_report_not_sent", report_id=report.pk, error=type(error).__name__)
        return
    data = {"recipients": len(people)}
    record([Event(EventKind.NIGHT_REPORTED, "nightreport", report.pk, data=data)])


def subject_line(report: NightReport) -> str:
    """The night in one line."""
    facts = report.facts
    refused = sum(1 for each in facts["conferences"] if each["failure"])
    attached = sum(facts["attached"].values())
    came = len(facts["conferences"])
    parts = [
        "nada chegou" if not came else "1 conferência" if came == 1 else f"{came} conferências",
        *([f"{refused} recusada{'s' * (refused > 1)}"] if refused else []),
        _numbers(attached),
    ]
    return ", ".join(parts)


def _numbers(attached: int) -> str:
    if attached <= 1:
        return "1 CNS novo" if attached else "nenhum CNS novo"
    return f"{number_format(attached, force_grouping=True)} CNS novos"


def template_context(facts: dict[str, Any]) -> dict[str, Any]:
    """What the page and the letter print beside the facts as they are kept."""
    covered = facts["coverage"]
    active, now, before = (covered[key] for key in ("active", "with_cns", "before"))
    return {
        "facts": facts,
        "attached": [(CnsSource(source).label, count) for source, count in facts["attached"].items()],
        "percent": 100 * now / active if active else None,
        "gained": None if before is None else now - before,
    }

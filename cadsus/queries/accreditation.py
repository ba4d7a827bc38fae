"""Reads the accreditation board: what people recorded beside what the portal detects."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from cadsus.domain.accreditation_guide import GUIDES, Guide
from cadsus.domain.accreditation_steps import Facts, Path, Stage, Step, path
from cadsus.domain.sgop import SgopRole, StaffMember
from cadsus.models import AccreditationStep, Credential, EnvironmentName, Exchange, OwnCnsCheck, SgopPerson
from operators.models import Operator

ROLES = {Step.SGOP_ADMIN: SgopRole.ADMINISTRADOR, Step.SGOP_OPERATORS: SgopRole.OPERADOR}


@dataclass(frozen=True, slots=True)
class Link:
    """The operator at one environment of DATASUS."""

    environment: EnvironmentName
    credential: Credential | None
    answered_at: datetime | None  # for the first time


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the way into SGOP, and the last question to DATASUS about his or her own CNS."""

    person: SgopPerson
    member: StaffMember
    check: OwnCnsCheck | None


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the board: where it stands, what was written of it, whom it is about."""

    stage: Stage
    row: AccreditationStep | None
    guide: Guide
    role: SgopRole | None
    people: list[Listed]


@dataclass(frozen=True, slots=True)
class Board:
    path: Path
    lines: list[StepLine]


def read_board(operator: Operator) -> Board:
    """Six queries, however many people and machines."""
    rows = {Step(row.step): row for row in AccreditationStep.objects.select_related("changed_by")}
    people = _listed()
    link = read_link(EnvironmentName.PRODUCTION)
    written = {step: row.as_written() for step, row in rows.items()}
    found = path(written, _facts(operator, link, people), timezone.localdate())
    return Board(found, [_line(stage, rows.get(stage.step), people) for stage in found.stages])


def _listed() -> list[Listed]:
    checks = OwnCnsCheck.objects.filter(environment=settings.CADSUS_ENVIRONMENT).latest_of_each()
    last = {check.person_id: check for check in checks}
    people = SgopPerson.objects.prefetch_related("machines").order_by("name", "pk")
    return [_with(person, last.get(person.pk)) for person in people]


def _with(person: SgopPerson, check: OwnCnsCheck | None) -> Listed:
    return Listed(person, person.as_member(check.seen if check else None), check)


def read_links() -> list[Link]:
    """The two environments of DATASUS, and the simulator where the portal practises with it."""
    practised = settings.CADSUS_ENVIRONMENT == EnvironmentName.SIMULATOR
    return [read_link(name) for name in EnvironmentName if practised or name != EnvironmentName.SIMULATOR]


def read_link(environment: EnvironmentName) -> Link:
    credential = Credential.objects.active().filter(environment=environment).first()
    answers = Exchange.objects.filter(environment=environment, trouble="", milliseconds__isnull=False)
    return Link(environment, credential, answers.order_by("at").values_list("at", flat=True).first())


def _facts(operator: Operator, link: Link, people: list[Listed]) -> Facts:
    kept = link.credential
    since = kept and (kept.activated_at or kept.sealed_at)
    return Facts(
        cnes=operator.cnes,
        certificate=(timezone.localdate(since), timezone.localdate(kept.not_after)) if kept and since else None,
        answered_on=timezone.localdate(link.answered_at) if link.answered_at else None,
        members=tuple(each.member for each in people),
    )


def _line(stage: Stage, row: AccreditationStep | None, people: list[Listed]) -> StepLine:
    role = ROLES.get(stage.step)
    return StepLine(stage, row, GUIDES[stage.step], role, [each for each in people if each.member.role == role])

"""The accreditation of an operator at DATASUS: its steps, what is known of each, and which comes next.

Facts and norms: docs/reference/cadsus.md §5.
How each step is taken is described in cadsus.domain.accreditation_guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cadsus.domain.sgop import SUPPORT, WAIT, SgopRole, SgopState, StaffMember
from cnsportal.formats.br import format_date
from cnsportal.formats.labelled import LabelledEnum

RENEWAL_AHEAD = timedelta(days=60)


class Step(LabelledEnum):
    """In the order in which they are best taken. The code stands in addresses and in the database."""

    CNES = "cnes", "Número no CNES"
    GOVBR = "gov-br", "Conta gov.br de quem responde"
    CERTIFICATE = "certificado", "Certificado da operadora (e-CNPJ)"
    REQUEST = "pedido", "Serviço “CNS Operadoras ANS”"
    SGOP_ADMIN = "sgop-administrador", "Administrador no SGOP"
    SGOP_OPERATORS = "sgop-operadores", "Operadores no SGOP e suas máquinas"

    @property
    def needs(self) -> "tuple[Step, ...]":
        return NEEDS.get(self, ())

    @property
    def is_declared(self) -> bool:
        """Somebody says that it is done; of the others the portal sees it by itself."""
        return self in {Step.GOVBR, Step.REQUEST}


NEEDS = {
    Step.REQUEST: (Step.CNES, Step.GOVBR, Step.CERTIFICATE),
    Step.SGOP_ADMIN: (Step.CNES, Step.GOVBR),
    Step.SGOP_OPERATORS: (Step.SGOP_ADMIN,),
}


# ---- what is known ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class StepNotes:
    """What people wrote about a step."""

    state: SgopState = SgopState.TODO
    since: date | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the portal sees by itself. ``certificate`` is the production one in use: since when and until when."""

    cnes: str = ""
    certificate: tuple[date, date] | None = None
    answered_on: date | None = None  # DATASUS answered in production for the first time
    members: tuple[StaffMember, ...] = ()

    def of(self, role: SgopRole) -> tuple[StaffMember, ...]:
        return tuple(member for member in self.members if member.role == role)


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """A step as the portal sees it by itself: done, begun or neither, and what shows it."""

    is_done: bool = False
    has_begun: bool = False
    since: date | None = None
    due: date | None = None
    sentence: str = ""
    next: str = ""


def see(step: Step, facts: Facts, today: date) -> StepEvidence:
    match step:
        case Step.CNES:
            return (
                StepEvidence(is_done=True, sentence=f"O CNES da operadora é {facts.cnes}.")
                if facts.cnes
                else StepEvidence()
            )
        case Step.GOVBR:
            return StepEvidence()
        case Step.CERTIFICATE:
            return _see_certificate(facts, today)
        case Step.REQUEST:
            return _see_answer(facts)
        case Step.SGOP_ADMIN:
            return _see_members(facts.of(SgopRole.ADMINISTRADOR), every=False)
        case Step.SGOP_OPERATORS:
            return _see_members(facts.of(SgopRole.OPERADOR), every=True)


def _see_certificate(facts: Facts, today: date) -> StepEvidence:
    if facts.certificate is None:
        return StepEvidence(sentence="O portal ainda não tem um certificado em uso na produção.")
    since, until = facts.certificate
    if until < today:
        return StepEvidence(due=until, sentence=f"O certificado em uso na produção venceu em {format_date(until)}.")
    return StepEvidence(True, True, since, until, f"O certificado em uso na produção vale até {format_date(until)}.")


def _see_answer(facts: Facts) -> StepEvidence:
    if facts.answered_on is None:
        return StepEvidence()
    sentence = f"O DATASUS respondeu pela primeira vez em {format_date(facts.answered_on)}."
    return StepEvidence(True, True, facts.answered_on, sentence=sentence)


def _see_members(members: tuple[StaffMember, ...], *, every: bool) -> StepEvidence:
    """Each with access and a machine of his or her own; of administrators one is enough."""
    ready = [member for member in members if member.is_ready]
    sentence = f"{len(ready)} de {len(members)} com tudo pronto." if members else "Ninguém foi incluído ainda."
    if not ready or (every and len(ready) < len(members)):
        return StepEvidence(has_begun=bool(members), sentence=sentence, next=_next_of(members) if members else "")
    days = [member.ready_on for member in ready]
    return StepEvidence(True, True, max(days) if every else min(days), sentence=sentence)


def _next_of(members: tuple[StaffMember, ...]) -> str:
    whats_next = {member.next() for member in members} - {""}
    return WAIT if whats_next == {WAIT} else "Terminar o que falta a cada pessoa da lista."


# ---- the path -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Stage:
    """A step of this operator: where it stands and what is in its way."""

    number: int
    step: Step
    state: SgopState
    since: date | None
    due: date | None
    blocked_by: tuple[Step, ...]
    seen: StepEvidence
    today: date

    @property
    def is_done(self) -> bool:
        return self.state == SgopState.DONE

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < self.today

    @property
    def is_near(self) -> bool:
        """Done, and to be renewed within two months."""
        return self.is_done and self.due is not None and not self.is_late and self.due - self.today <= RENEWAL_AHEAD

    @property
    def is_ours(self) -> bool:
        """Something can be done here, by us, now."""
        waits = {WAIT, *WAITS.values()}
        return bool(self.next) and not self.is_done and not self.blocked_by and self.next not in waits

    @property
    def next(self) -> str:
        """What comes next, for the screen; empty where there is nothing to do."""
        if self.is_done:
            return f"Renovar até {format_date(self.due)}." if self.due and (self.is_late or self.is_near) else ""
        if self.state == SgopState.REFUSED:
            return "Ler o motivo da recusa, corrigir o que falta e pedir de novo."
        if self.state == SgopState.WAITING:
            return LATE.get(self.step, _LATE) if self.is_late else WAITS.get(self.step, WAIT)
        if self.blocked_by:
            return f"Antes, terminar: {', '.join(step.label for step in self.blocked_by)}."
        return self.seen.next or ACTIONS[self.step]


ACTIONS = {
    Step.CNES: "No site do CNES, em “Obter CNES”, pedir o número da sede (tipo 68, subtipo 05) e gravá-lo aqui.",
    Step.GOVBR: "Quem vai pedir o serviço cria a própria conta gov.br, ou confirma que ela funciona.",
    Step.CERTIFICATE: "Obter o e-CNPJ em arquivo e enviá-lo ao portal, para o ambiente de produção.",
    Step.REQUEST: "No portal de serviços do DATASUS, pedir “CNS Operadoras ANS”: homologação, depois produção.",
    Step.SGOP_ADMIN: "Escolher quem será o primeiro ADMINISTRADOR no SGOP e incluir a pessoa aqui.",
    Step.SGOP_OPERATORS: "Incluir quem vai usar o CadSUS Web e a máquina de cada um; o administrador decide no SGOP.",
}
WAITS = {Step.REQUEST: "Aguardar a resposta: a ANS confere se quem pede é uma operadora ativa."}
_LATE = "O prazo da resposta passou: cobrar com o número do protocolo."
LATE = dict.fromkeys((Step.SGOP_ADMIN, Step.SGOP_OPERATORS), f"O prazo da resposta passou: cobrar no {SUPPORT}.")


@dataclass(frozen=True, slots=True)
class Path:
    stages: tuple[Stage, ...]

    @property
    def done(self) -> int:
        return sum(stage.is_done for stage in self.stages)

    @property
    def missing(self) -> int:
        return len(self.stages) - self.done

    @property
    def is_finished(self) -> bool:
        return not self.missing

    @property
    def next(self) -> Stage | None:
        """The first step that waits for us; failing that the first that waits for others."""
        open_steps = [stage for stage in self.stages if not stage.is_done]
        ours = [stage for stage in open_steps if stage.is_ours]
        return next(iter(ours or open_steps), None)


def path(written: Mapping[Step, StepNotes], facts: Facts, today: date) -> Path:
    """What people wrote and what the portal sees, as one: what it sees wins."""
    seen = {step: see(step, facts, today) for step in Step}
    states = {step: _state(step, written.get(step, StepNotes()), seen[step]) for step in Step}
    stages = [
        Stage(
            number,
            step,
            states[step],
            seen[step].since or written.get(step, StepNotes()).since,
            seen[step].due or written.get(step, StepNotes()).due,
            tuple(need for need in step.needs if states[need] != SgopState.DONE),
            seen[step],
            today,
        )
        for number, step in enumerate(Step, 1)
    ]
    return Path(tuple(stages))


def _state(step: Step, written: StepNotes, seen: StepEvidence) -> SgopState:
    if seen.is_done:
        return SgopState.DONE
    if written.state == SgopState.DONE and not step.is_declared:
        return SgopState.DOING
    return SgopState.DOING if written.state == SgopState.TODO and seen.has_begun else written.state

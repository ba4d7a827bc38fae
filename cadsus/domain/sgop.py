"""Staff members on their way into SGOP, with the machines they use, and how far each item is.

SGOP lets the staff into CadSUS Web: an administrator first, whom the support of CadSUS Web authorises and who then
decides about each operator and each machine. Everybody needs a gov.br account and a CNS of high cadastral quality.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cnsportal.formats.labelled import LabelledEnum


class SgopState(LabelledEnum):
    """How far something is; what DATASUS or a health unit owes us is WAITING, what we owe is TODO or DOING."""

    TODO = "TODO", "a fazer", "neutral"
    DOING = "DOING", "em andamento", "info"
    WAITING = "WAITING", "aguardando resposta", "warn"
    DONE = "DONE", "pronto", "good"
    REFUSED = "REFUSED", "recusado", "bad"


class SgopRole(StrEnum):
    ADMINISTRADOR = "ADMINISTRADOR"
    OPERADOR = "OPERADOR"

    @property
    def label(self) -> str:
        return self.value.lower()


class Position(LabelledEnum):
    """What an administrator of SGOP is at the operator: one of these, and not necessarily its representative at ANS."""

    CLINICAL_DIRECTOR = "DIRETOR_CLINICO", "direção clínica"
    MANAGER = "GERENTE", "gerência"
    ADMINISTRATOR = "ADMINISTRADOR", "administração"


Dated = tuple[SgopState, date | None]
NOT_YET: Dated = (SgopState.TODO, None)


@dataclass(frozen=True, slots=True)
class Machine:
    """``state`` is that of its approval: one that waits for it is registered in SGOP."""

    warsaw_on: date | None
    state: SgopState
    since: date | None

    @property
    def is_registered(self) -> bool:
        return self.warsaw_on is not None and self.state in {SgopState.WAITING, SgopState.DONE}

    @property
    def is_ready(self) -> bool:
        return self.warsaw_on is not None and self.state == SgopState.DONE


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the staff on the way into SGOP; each thing with its state and the day of it.

    ``position`` and ``elsewhere`` (the CNES names the person responsible for no other establishment) are asked of
    administrators alone. ``cns_advice``: what to do by the last answer of DATASUS about the own CNS, where it is amiss.
    """

    role: SgopRole
    cns: Dated
    govbr: Dated
    access: Dated
    machines: tuple[Machine, ...] = ()
    position: Position | None = None
    elsewhere: Dated = NOT_YET
    profile: Dated = NOT_YET
    cns_advice: str = ""

    @property
    def has_access(self) -> bool:
        return all(state == SgopState.DONE for state, _ in (self.cns, self.govbr, self.access))

    @property
    def is_ready(self) -> bool:
        return self.has_access and any(machine.is_ready for machine in self.machines)

    @property
    def ready_on(self) -> date:
        """The last of the days that count; of a member who is ready."""
        approved = [machine.since for machine in self.machines if machine.is_ready and machine.since]
        days = [day for _, day in (self.cns, self.govbr, self.access) if day]
        return max([*days, *([min(approved)] if approved else [])], default=date.min)

    def next(self) -> str:
        """The one thing to do for this person; empty when there is none."""
        return next(filter(None, self._steps()), "")

    def _steps(self) -> Iterator[str]:
        """In the order in which SGOP asks for it; who has been let in has taken the steps before."""
        is_admin, is_in = self.role == SgopRole.ADMINISTRADOR, self.access[0] == SgopState.DONE
        if is_admin and not is_in and self.position is None:
            yield _POSITION
        yield _missing(self.cns, self.cns_advice or _CNS)
        yield _missing(self.govbr, _GOVBR)
        if is_admin and not is_in:
            yield _missing(self.elsewhere, _ELSEWHERE)
        if not is_in:
            yield _missing(self.profile, _PROFILES[self.role])
            yield self._next_registration()
            yield _missing(self.access, _ACCESS[self.role])
        yield self._next_approval()

    def _next_registration(self) -> str:
        if any(machine.is_registered for machine in self.machines):
            return ""
        return _REGISTER if self.machines else _LIST_MACHINE

    def _next_approval(self) -> str:
        if any(machine.is_ready for machine in self.machines):
            return ""
        if any(machine.state == SgopState.WAITING for machine in self.machines):
            return WAIT
        return self._next_registration() or _APPROVE[self.role]


def _missing(thing: Dated, whats_next: str) -> str:
    state, _ = thing
    if state == SgopState.DONE:
        return ""
    return WAIT if state == SgopState.WAITING else whats_next


SUPPORT = "suporte do CadSUS Web (“quero abrir um chamado”)"
WAIT = "Aguardar a resposta."
_POSITION = "Dizer a função da pessoa: direção clínica, gerência ou administração. Outra pessoa não serve."
_CNS = "Perguntar aqui ao DATASUS pelo CNS da própria pessoa: o SGOP exige alta qualidade do cadastro."
_GOVBR = "A pessoa cria a própria conta gov.br."
_ELSEWHERE = "Conferir no CNES que a pessoa não é responsável por outro estabelecimento; se é, escolher outra pessoa."
_LIST_MACHINE = "Incluir aqui o computador que a pessoa vai usar."
_REGISTER = "Instalar o módulo Warsaw no computador e cadastrá-lo no SGOP."
_PROFILES = {
    role: f"A pessoa entra em cadastro.saude.gov.br/operador e escolhe o perfil {role.value} no CNES da operadora."
    for role in SgopRole
}
_ACCESS = {
    SgopRole.ADMINISTRADOR: f"Pedir a autorização ao {SUPPORT} e gravar aqui o número dele.",
    SgopRole.OPERADOR: "O administrador da operadora decide no SGOP sobre o acesso e o computador.",
}
_APPROVE = {
    SgopRole.ADMINISTRADOR: f"Pedir a autorização do computador ao {SUPPORT}.",
    SgopRole.OPERADOR: "O administrador da operadora aprova o computador no SGOP.",
}

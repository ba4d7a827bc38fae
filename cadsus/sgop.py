"""People on their way into SGOP, with the machines they work at, and how far each thing is.

SGOP lets the staff into CadSUS Web: an administrator first, who then approves each operator and each machine. Everybody
needs a gov.br account and a CNS of good cadastral quality of his or her own.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """How far something is; what DATASUS or a health unit owes us is WAITING, what we owe is TODO or DOING."""

    TODO = "TODO"
    DOING = "DOING"
    WAITING = "WAITING"
    DONE = "DONE"
    REFUSED = "REFUSED"

    @property
    def label(self) -> str:
        return _LOOKS[self][0]

    @property
    def tone(self) -> str:
        return _LOOKS[self][1]


_LOOKS = {
    State.TODO: ("a fazer", "still"),
    State.DOING: ("em andamento", "info"),
    State.WAITING: ("aguardando resposta", "warn"),
    State.DONE: ("pronto", "good"),
    State.REFUSED: ("recusado", "bad"),
}


class SgopRole(StrEnum):
    ADMINISTRADOR = "ADMINISTRADOR"
    OPERADOR = "OPERADOR"

    @property
    def label(self) -> str:
        return self.value.lower()


@dataclass(frozen=True, slots=True)
class Machine:
    warsaw_on: date | None
    state: State
    since: date | None

    @property
    def is_ready(self) -> bool:
        return self.warsaw_on is not None and self.state == State.DONE


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff on the way into SGOP: own CNS, gov.br account, access; each with the day of its state."""

    role: SgopRole
    cns: tuple[State, date | None]
    govbr: tuple[State, date | None]
    access: tuple[State, date | None]
    machines: tuple[Machine, ...] = ()

    @property
    def has_access(self) -> bool:
        return all(state == State.DONE for state, _ in (self.cns, self.govbr, self.access))

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
        for (state, _), whats_next in zip((self.cns, self.govbr, self.access), _OF_MEMBERS[self.role], strict=True):
            if state != State.DONE:
                return WAIT if state == State.WAITING else whats_next
        return self._next_machine()

    def _next_machine(self) -> str:
        if any(machine.is_ready for machine in self.machines):
            return ""
        if not self.machines:
            administers = self.role == SgopRole.ADMINISTRADOR
            return "" if administers else "Incluir aqui o computador em que a pessoa trabalha."
        if any(machine.state == State.WAITING for machine in self.machines):
            return WAIT
        if not any(machine.warsaw_on for machine in self.machines):
            return "Instalar o módulo Warsaw no computador e pedir a aprovação dele no SGOP."
        return "Pedir no SGOP a aprovação do computador; quem aprova é o administrador da operadora."


WAIT = "Aguardar a resposta."
_CNS = "Conferir se o CNS da própria pessoa tem bom cadastro; se não tem, uma unidade de saúde o corrige."
_GOVBR = "A pessoa cria a própria conta gov.br."
_OF_MEMBERS = {
    SgopRole.ADMINISTRADOR: (
        _CNS,
        _GOVBR,
        "Pedir o acesso em cadastro.saude.gov.br/operador, com o perfil de administrador do CNES da operadora.",
    ),
    SgopRole.OPERADOR: (
        _CNS,
        _GOVBR,
        "A pessoa pede o acesso em cadastro.saude.gov.br/operador; o administrador da operadora aprova.",
    ),
}

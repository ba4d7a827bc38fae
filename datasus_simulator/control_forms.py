"""Reads the forms of the control page into runtime settings, or refuses them next to the wrong field."""

from collections.abc import Callable, Mapping

from datasus_simulator.behaviours import ScheduledBehaviour, parse_behaviours
from datasus_simulator.runtime_settings import RefusedSwitch, Switches
from datasus_simulator.state import State

Fields = Mapping[str, str]
ENDPOINTS = ("query", "token", "continuation")
_DAY_MINUTES = 24 * 60  # minutes in a day
_FINGERPRINT_DIGITS = 64  # hexadecimal digits


class RefusedForm(Exception):
    """One sentence about one field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def submit(state: State, fields: Fields) -> None:
    """Do what the form says. Raises RefusedForm, and nothing is changed."""
    handle = _ACTIONS.get(fields.get("action", ""))
    if handle is None:
        raise RefusedForm("action", "Este botão não existe. Recarregue a página.")
    handle(state, fields)


# ---- times and tokens -----------------------------------------------------------------------------------------------


def _set_times(state: State, fields: Fields) -> None:
    shortest = _number(fields, "latency_from", "milissegundos", 0, 600_000)
    longest = _number(fields, "latency_to", "milissegundos", 0, 600_000)
    if longest < shortest:
        raise RefusedForm("latency_to", "A demora maior deve ser igual à menor ou passar dela.")
    state.change(
        latency_ms=[shortest, longest],
        token_lifetime=_number(fields, "token_lifetime", "segundos", 1, 86_400),
        expires_in=_number(fields, "expires_in", "milissegundos", 0, 10**9) if fields.get("expires_in") else None,
        clock_offset=_number(fields, "clock_offset", "segundos", -(10**7), 10**7),
        page_size=_number(fields, "page_size", "pessoas", 1, 1000),
        certificate_by_http="certificate_by_http" in fields,
    )


# ---- faults ---------------------------------------------------------------------------------------------------------


def _add_fault(state: State, fields: Fields) -> None:
    scheduled = str(ScheduledBehaviour.parse(_behaviour(fields) + ("_once" if "once" in fields else "")))
    where = fields.get("where", "")
    if where in ENDPOINTS:
        if "once" in fields:
            raise RefusedForm("once", "«Só na primeira vez» vale para um número; escolha «um número» em «Onde».")
        state.amend(lambda now: {where: f"{' '.join(getattr(now, where))} {scheduled}"})
    else:
        number = _key(fields)
        state.amend(lambda now: {"faults": {**_faults(now), number: f"{_faults(now).get(number, '')} {scheduled}"}})


def _remove_fault(state: State, fields: Fields) -> None:
    where, scheduled = fields.get("where", ""), fields.get("scheduled", "")
    if where in ENDPOINTS:
        state.amend(lambda now: {where: " ".join(getattr(now, where) - {scheduled})})
    else:
        state.amend(lambda now: {"faults": _without(_faults(now), fields.get("number", ""), scheduled)})


def _faults(switches: Switches) -> dict[str, str]:
    """As the switch is written."""
    return {key: " ".join(sorted(map(str, behaviours))) for key, behaviours in switches.faults.items()}


def _without(faults: dict[str, str], key: str, scheduled: str) -> dict[str, str]:
    left = " ".join(word for word in faults.get(key, "").split() if word != scheduled)
    others = {each: names for each, names in faults.items() if each != key}
    return {**others, key: left} if left else others


def _key(fields: Fields) -> str:
    """A CPF, CNS or NIS as digits."""
    number = "".join(character for character in fields.get("number", "") if character not in " .-/")
    if not (number.isascii() and number.isdigit() and len(number) in {11, 15}):
        raise RefusedForm("number", "Escreva um CPF ou NIS (11 dígitos) ou um CNS (15 dígitos).")
    return number


# ---- outages --------------------------------------------------------------------------------------------------------


def _go_away(state: State, fields: Fields) -> None:
    wanted = {
        "seconds": _number(fields, "minutes", "minutos", 1, _DAY_MINUTES) * 60,
        "in_seconds": _number(fields, "in_minutes", "minutos", 0, _DAY_MINUTES) * 60,
        "behaviour": _behaviour(fields),
    }
    state.change(outage=wanted)


def _go_away_daily(state: State, fields: Fields) -> None:
    wanted = {"from": fields.get("from", ""), "to": fields.get("to", ""), "behaviour": _behaviour(fields)}
    try:
        state.amend(lambda now: {"outages": [*(each.wanted for each in now.outages), wanted]})
    except RefusedSwitch:
        raise RefusedForm("from", "Escreva dois horários diferentes, como 22:00 e 06:00.") from None


def _remove_daily(state: State, fields: Fields) -> None:
    words = fields.get("daily", "")
    state.amend(lambda now: {"outages": [each.wanted for each in now.outages if daily_name(each.wanted) != words]})


def daily_name(wanted: Mapping[str, str]) -> str:
    """By which a daily outage is known to its button."""
    return "{from} {to} {behaviour}".format(**wanted)


# ---- certificates ---------------------------------------------------------------------------------------------------


def _treat_certificate(state: State, fields: Fields) -> None:
    fingerprint = fields.get("fingerprint", "").replace(":", "").strip().lower()
    if len(fingerprint) != _FINGERPRINT_DIGITS or not set(fingerprint) <= set("0123456789abcdef"):
        raise RefusedForm("fingerprint", "Escreva a impressão digital SHA-256: 64 algarismos hexadecimais.")
    treatment = fields.get("treatment", "")
    state.amend(
        lambda now: {
            name: sorted(getattr(now, name) - {fingerprint} | ({fingerprint} if treatment == name else set()))
            for name in ("revoked", "uncredentialed")
        }
    )


# ---- fields ---------------------------------------------------------------------------------------------------------


def _number(fields: Fields, name: str, unit: str, least: int, most: int) -> int:
    text = fields.get(name, "").strip()
    digits = text.removeprefix("-") if least < 0 else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and least <= int(text) <= most):
        raise RefusedForm(name, f"Escreva um número inteiro de {unit}, de {least} a {most}.")
    return int(text)


def _behaviour(fields: Fields) -> str:
    try:
        [behaviour] = parse_behaviours(fields.get("behaviour", ""))
    except ValueError:
        raise RefusedForm("behaviour", "Escolha uma falha da lista.") from None
    return str(behaviour)


_ACTIONS: dict[str, Callable[[State, Fields], None]] = {
    "times": _set_times,
    "add_fault": _add_fault,
    "remove_fault": _remove_fault,
    "outage": _go_away,
    "end_outage": lambda state, _: state.change(outage=None),
    "daily": _go_away_daily,
    "remove_daily": _remove_daily,
    "certificate": _treat_certificate,
    "reset": lambda state, _: state.reset(),
}
DONE: Mapping[str, str] = {
    "times": "Tempos guardados.",
    "add_fault": "Falha acrescentada.",
    "remove_fault": "Falha retirada.",
    "outage": "Queda marcada.",
    "end_outage": "O simulador voltou.",
    "daily": "Queda diária marcada.",
    "remove_daily": "Queda diária retirada.",
    "certificate": "Certificado atualizado.",
    "reset": "Tudo voltou ao começo; os tokens de antes não valem mais.",
}

"""The DATASUS simulator as a process of its own."""

import signal
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from beneficiaries.domain.identifiers import cnpj_is_valid, digits
from datasus_simulator.client_files import CLIENT_CNPJ, prepare
from datasus_simulator.people import Registry
from datasus_simulator.people_csv import RefusedPeople
from datasus_simulator.people_csv_watcher import PeopleFile
from datasus_simulator.simulator import QUERY_PORT, TOKEN_PORT, Ports, Simulator
from datasus_simulator.training_files import write_held
from datasus_simulator.training_people import PEOPLE
from operators.management.argument_types import whole_number
from operators.management.base import CommandRefused, PortalCommand

HELD_FILE = "beneficiarios-de-treino.csv"
WHOLE_NUMBER = whole_number("deve ser um número inteiro a partir de 0")


class Command(PortalCommand):
    help = "Simula o DATASUS (token e consulta ao CadSUS) com pessoas inventadas, até ser interrompido."
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=Path, metavar="ARQUIVO", help="CSV com as pessoas")
        parser.add_argument("--shapes", action="store_true", help="acrescenta as pessoas de treino, uma de cada caso")
        parser.add_argument(
            "--latency-ms", type=_latency, default=(0, 0), metavar="N", help="espera antes da resposta; 100-400 varia"
        )
        parser.add_argument("--token-port", type=_port, default=TOKEN_PORT, metavar="P", help="0 = qualquer livre")
        parser.add_argument("--query-port", type=_port, default=QUERY_PORT, metavar="P", help="0 = qualquer livre")
        parser.add_argument("--control-port", type=_port, metavar="P", help="porta de controle, desligada por padrão")
        parser.add_argument(
            "--host", default="127.0.0.1", help="endereço em que escuta; 0.0.0.0 dentro de um contêiner"
        )
        parser.add_argument(
            "--cnpj", type=_cnpj, action="append", help="CNPJ do certificado client.p12; pode ser repetido"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        stop = _stop_signal()
        simulator = self._simulator(options)
        with simulator:
            self.stdout.write(_listening(simulator))
            self.stdout.flush()
            stop.wait()
        return {"requests": simulator.state.journal.counters} if options["json"] else {}

    def _simulator(self, options: dict[str, Any]) -> Simulator:
        home = settings.CNSPORTAL_DATA / "simulator"
        try:
            people = _people(options["people"], shapes=options["shapes"])
            pki = prepare(home, *dict.fromkeys(options["cnpj"] or [CLIENT_CNPJ]))
            if options["shapes"]:
                write_held(home / HELD_FILE)
            ports = Ports(options["token_port"], options["query_port"], options["control_port"])
            return Simulator(people, pki, ports, latency_ms=options["latency_ms"], host=options["host"])
        except RefusedPeople as refusal:
            raise CommandRefused(str(refusal)) from None
        except OSError as error:
            raise CommandRefused(
                f"O simulador não pode escutar: {error.strerror}. Confira as portas e a pasta."
            ) from None


def _people(path: Path | None, *, shapes: bool) -> Callable[[], Registry]:
    besides = PEOPLE if shapes else ()
    if path:
        return PeopleFile(path, _complain, besides)
    if not shapes:
        raise CommandError("Diga quem o simulador conhece: --people ARQUIVO, --shapes, ou os dois.", returncode=2)
    registry = Registry(besides)
    return lambda: registry


def _listening(simulator: Simulator) -> str:
    control = f" controle={simulator.control_url}" if simulator.control_url else ""
    return f"simulador escutando token={simulator.token_url} consulta={simulator.query_url}{control}"


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def _stop_signal() -> threading.Event:
    """Set by SIGINT and SIGTERM alike: both are the ordinary end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _latency(text: str) -> tuple[int, int]:
    shortest, _, longest = text.partition("-")
    bounds = WHOLE_NUMBER(shortest), WHOLE_NUMBER(longest or shortest)
    if bounds[0] > bounds[1]:
        raise ArgumentTypeError("deve ser como 200, ou como 100-400")
    return bounds


def _port(text: str) -> int:
    number = WHOLE_NUMBER(text)
    if number > 65535:
        raise ArgumentTypeError("deve ser uma porta de 0 a 65535")
    return number


def _cnpj(text: str) -> str:
    number = digits(text)
    if not cnpj_is_valid(number):
        raise ArgumentTypeError("deve ser um CNPJ válido")
    return number

"""A running simulator for whoever asks one: real sockets, real TLS, real SOAP, in threads of this process."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from datasus_simulator.client_files import CLIENT_CNPJ
from datasus_simulator.people_csv import COLUMNS, OPTIONAL_COLUMNS
from datasus_simulator.people_csv_watcher import PeopleFile
from datasus_simulator.pki import TestPki
from datasus_simulator.simulator import Ports, Simulator

PASSWORD = "senha-de-teste"

People = Sequence[Mapping[str, str]] | Path


@dataclass
class RunningSimulator:
    """A simulator that listens, with what a client of it needs."""

    simulator: Simulator
    pki: TestPki
    folder: Path
    people_path: Path
    client_p12: bytes
    client_password: str = PASSWORD
    complaints: list[str] = field(default_factory=list)

    @property
    def state(self):
        return self.simulator.state

    @property
    def token_url(self) -> str:
        return self.simulator.token_url

    @property
    def query_url(self) -> str:
        return self.simulator.query_url

    @property
    def control_url(self) -> str:
        return self.simulator.control_url

    @property
    def ca_path(self) -> str:
        return str(self.folder / "ca.pem")

    @property
    def counters(self) -> dict[str, int]:
        return self.state.journal.counters

    @property
    def entries(self) -> list[dict[str, str]]:
        return self.state.journal.entries

    def change(self, **switches: object) -> None:
        """The same switches as the control port's: latency_ms, token_lifetime, token, query, outage, faults..."""
        self.state.change(**switches)

    def reset(self) -> None:
        self.state.reset()

    def serve(self, people: Sequence[Mapping[str, str]]) -> None:
        """Other people from now on."""
        write_people(self.people_path, people)

    def issue(self, cnpj: str = CLIENT_CNPJ, **variant: object):
        return self.pki.issue(cnpj=cnpj, legal_name="OPERADORA FICTICIA DE TESTES", **variant)


def ask_at(settings, simulator: RunningSimulator) -> None:
    """Make the simulator the environment in which all operators ask, without a limit of rate."""
    addresses = {
        "token_url": simulator.token_url,
        "query_url": simulator.query_url,
        "ca_bundle": simulator.ca_path,
    }
    settings.CADSUS_ENVIRONMENT = "simulator"
    settings.CADSUS_ENVIRONMENTS = {"simulator": {**addresses, "rate": 0, "hours": ""}}


@cache
def shared_pki() -> TestPki:
    """Made once for all runs of the suite: four keys take half a second."""
    return TestPki.open(Path(os.environ["CNSPORTAL_DATA"]) / "test-pki")


@contextmanager
def running_simulator(
    people: People, tmp_path: Path, *, pki: TestPki | None = None, latency_ms: int = 0, control: bool = False
) -> Iterator[RunningSimulator]:
    """People are mappings by the columns of the people file, or a file that is there already."""
    pki = pki or shared_pki()
    path = people if isinstance(people, Path) else write_people(tmp_path / "pessoas.csv", people)
    (tmp_path / "ca.pem").write_bytes(pki.server_ca_pem)
    client = pki.issue_ecnpj(cnpj=CLIENT_CNPJ, legal_name="OPERADORA FICTICIA DE TESTES", password=PASSWORD)
    complaints: list[str] = []
    ports = Ports(0, 0, 0 if control else None)
    with Simulator(PeopleFile(path, complaints.append), pki, ports, latency_ms=(latency_ms,) * 2) as simulator:
        yield RunningSimulator(simulator, pki, tmp_path, path, client, complaints=complaints)


def write_people(path: Path, people: Sequence[Mapping[str, str]]) -> Path:
    """Replaced in one step, so that a reader never sees half of it."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, *OPTIONAL_COLUMNS], restval="")
        writer.writeheader()
        writer.writerows(people)
    return beside.replace(path)

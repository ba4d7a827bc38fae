"""Files about invented people, made once for each size; they are made again when what makes them changes."""

import csv
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path

from django.conf import settings

import demo.synthetic
import demo.synthetic.cnx_records
import sib.formats.cnx.writer
from beneficiaries.domain.csv_columns import CLEANERS
from beneficiaries.domain.csv_columns import COLUMNS as TOLD
from beneficiaries.domain.names import fold
from demo.synthetic import InventedLink, as_csv_row, invent
from demo.synthetic.cnx_records import conference
from demo.synthetic.numbers import Numbering
from demo.synthetic.plan_details import described
from sib.formats.cnx.conference import read
from sib.formats.cnx.writer import Heading, write_cnx

SEED = 7
REGISTRATION = "999998"
COLUMNS = (*TOLD, "name_key")


def conference_file(records: int, sequence: int) -> Path:
    """A conference in which ANS holds exactly what the registry should."""

    def write(path: Path) -> None:
        heading = Heading(REGISTRATION, sequence, f"2026-11-{10 + sequence}T03:12:45")
        with path.open("wb") as stream:
            write_cnx(stream, heading, conference(_links(records), faithful=True))

    return _made(records, f"{sequence}.CNX", write)


def registry_file(records: int) -> Path:
    """The registry that belongs to it, as a table of ``COLUMNS``: of a card everybody lacks the CNS alone."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.DictWriter(stream, COLUMNS, restval="").writerows(map(_registered, _links(records)))

    return _made(records, "registry.csv", write)


def _links(records: int) -> Iterator[InventedLink]:
    """In force, of people who all have a CPF: every number is one that a first night attaches by itself."""
    numbers = Numbering(SEED)
    for link in invent(records, SEED):
        person = link.person._replace(cpf=numbers.cpf(link.person.ordinal))
        yield link._replace(person=person, cancelled_on=None, cancellation_reason="")


def _registered(link: InventedLink) -> dict[str, object]:
    """What the import would make of each column."""
    cleaned = {column: CLEANERS[column](text) for column, text in described(link).items() if text}
    return {**as_csv_row(link._replace(known_cns="")), **cleaned, "name_key": fold(link.person.name)}


def columns_file(records: int) -> Path:
    """The texts of the conference's records, as the format of COPY has them."""

    def write(path: Path) -> None:
        with conference_file(records, 1).open("rb") as source, path.open("w", encoding="utf-8") as stream:
            stream.writelines("\t".join(record[1:-2]) + "\n" for record in read(source).records())

    return _made(records, "columns.tsv", write)


def _made(records: int, name: str, write: Callable[[Path], None]) -> Path:
    path = _folder(records) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{name}.draft")
        write(draft)
        draft.rename(path)
    return path


def _folder(records: int) -> Path:
    """Named by size and by what makes the files; those of the same size that were made otherwise go."""
    every: Path = settings.CNSPORTAL_DATA / "worlds"
    wanted = every / f"{records}-{_makers()}"
    for stale in every.glob(f"{records}-*"):
        if stale != wanted:
            shutil.rmtree(stale)
    return wanted


def _makers() -> str:
    digest = sha256()
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    packages = (
        Path(module.__file__ or "") for module in (demo.synthetic, demo.synthetic.cnx_records, sib.formats.cnx.writer)
    )
    yield from chain(
        [Path(__file__)],
        *(sorted(path.parent.glob("*.py")) if path.stem == "__init__" else [path] for path in packages),
    )

"""The main job, end to end on real parts: import, conference, lookups, cards. Every step may be repeated.

A step that was done is found done; one that was interrupted goes on where it stopped, so that the figures at the end
are the same however often the work was cut off.
"""

import csv
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from pypdf import PdfReader

from beneficiaries.models import Beneficiary, CnsNumber, Person
from beneficiaries.services.importing import import_file
from beneficiaries.services.receipts import RECEIPT, receipt_row
from cadsus.models import Lookup, Outcome, Priority, Reason
from cadsus.services import ask_cns, wake_if_pending
from cards.models import CardBatch
from cards.services import start_batch
from cnsportal.runs import OPEN, Run, Status
from demo import scenario
from demo.processes import folder
from operators.files import written_whole
from sib.models import ConferenceFile
from sib.services.receiving import content_digest

PAUSE = 0.2  # seconds between two looks
TIRED = 3  # failures in a row after which a lookup is counted as not asked; the queue goes on with it by itself


class Stuck(Exception):
    """A step did not come to its end: one sentence."""


@dataclass
class Step:
    """What the person before the screen sees of a step."""

    title: str
    report: Callable[[str, int, int | None], None]

    def tell(self, done: int, total: int | None) -> None:
        self.report(self.title, done, total)


@dataclass
class Figures:
    """What the demonstration says at its end, room by room, and whether it adds up."""

    rows: list[tuple[str, str, int]] = field(default_factory=list)
    checks: list[tuple[str, bool]] = field(default_factory=list)

    def add(self, room: str, name: str, value: int) -> None:
        self.rows.append((room, name, value))

    def check(self, sentence: str, *, holds: bool) -> None:
        self.checks.append((sentence, holds))

    @property
    def add_up(self) -> bool:
        return all(holds for _, holds in self.checks)


def import_registry(step: Step) -> None:
    """The operator's CSV into the registry, with its receipt."""
    source = folder() / "beneficiarios.csv"
    with source.open("rb") as stream, written_whole(folder() / "recibo.csv") as output:
        lines = csv.DictWriter(output, RECEIPT, delimiter=";")
        lines.writeheader()
        import_file(
            stream,
            keep=lambda line: lines.writerow(receipt_row(line)),
            progress=lambda done: step.tell(done, scenario.LINKS),
        )


def reconcile(step: Step, keep_alive: Callable[[], None]) -> None:
    """Drop the CNX into the inbox, where the scheduled task finds it, and wait until it is applied."""
    source = folder() / "conferencia.CNX"
    digest = content_digest(source)
    if not ConferenceFile.objects.filter(digest=digest).exists():
        inbox: Path = settings.INBOX_DIR / scenario.REGISTRATION
        inbox.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, inbox / source.name)
    _wait(step, lambda: ConferenceFile.objects.filter(digest=digest).first(), keep_alive)


def ask_datasus(step: Step, keep_alive: Callable[[], None]) -> None:
    """Ask for everybody who has an active link, no CNS, and was not asked before; wait for the answers."""
    asked = Lookup.objects.values("person")
    people = Person.objects.without_cns().with_active_link().exclude(pk__in=asked)
    ask_cns(list(people.values_list("pk", flat=True)), reason=Reason.WITHOUT_CNS, priority=Priority.BACKLOG)
    total = Lookup.objects.count()
    while waiting := Lookup.objects.filter(status__in=OPEN, failures__lt=TIRED).count():
        step.tell(total - waiting, total)
        wake_if_pending()
        keep_alive()
        time.sleep(PAUSE)
    step.tell(total, total)


def issue(step: Step, keep_alive: Callable[[], None]) -> None:
    """One batch for all active links: those that may not have a card yet are refused with a sentence."""
    if not CardBatch.objects.exists():
        start_batch(list(Beneficiary.objects.active().values_list("pk", flat=True)))
    _wait(step, lambda: CardBatch.objects.order_by("pk").first(), keep_alive)
    batch = CardBatch.objects.order_by("pk")[0]
    with batch.file.open("rb") as source, (folder() / "cartoes.pdf").open("wb") as target:
        shutil.copyfileobj(source, target)


def _wait(step: Step, find: Callable[[], Run | None], keep_alive: Callable[[], None]) -> None:
    while True:
        run = find()
        if run and run.status == Status.DONE:
            return step.tell(run.total or run.done or 1, run.total or run.done or 1)
        if run and run.status in {Status.FAILED, Status.CANCELLED}:
            raise Stuck(f"{step.title}: {run.failure or run.get_status_display()} {run.failure_id}".strip())
        step.tell(run.done if run else 0, run.total if run else None)
        keep_alive()
        time.sleep(PAUSE)


# ---- the figures ----------------------------------------------------------------------------------------------------


def figures() -> Figures:
    """Read from the database and the files, not from what the steps said of themselves."""
    found = Figures()
    _of_import(found)
    _of_conference(found)
    _of_lookups(found)
    _of_cards(found)
    _of_coverage(found)
    return found


def _of_import(found: Figures) -> None:
    with (folder() / "recibo.csv").open(encoding="utf-8-sig") as receipt:
        results = Counter(row["resultado"] for row in csv.DictReader(receipt, delimiter=";"))
    links = Beneficiary.objects.count()
    found.add("Cadastro", "linhas do arquivo", results.total())
    found.add("Cadastro", "vínculos", links)
    found.add("Cadastro", "pessoas", Person.objects.count())
    found.add("Cadastro", "linhas recusadas", results["rejected"])
    found.check("vínculos + recusadas = linhas do arquivo", holds=links + results["rejected"] == results.total())


def _of_conference(found: Figures) -> None:
    file = ConferenceFile.objects.get()
    found.add("Conferência CNX", "registros", file.records)
    for outcome, label in _labels(file):
        found.add("Conferência CNX", label, file.outcomes[outcome])
    found.add("Conferência CNX", "CNS gravados", file.applied)
    of_records = sum(file.outcomes.values()) - file.only_here
    found.check("resultados, fora os só daqui, somam os registros", holds=of_records == file.records)
    written = file.differences.filter(answer__in=["ATTACHED", "CONFIRMED", "SUPERSEDED"]).count()
    found.check("CNS gravados = respostas que gravaram", holds=file.applied == written)


def _labels(file: ConferenceFile) -> list[tuple[str, str]]:
    from sib.reconcile import Outcome as Result

    return [(result.name, result.value) for result in Result if result.name in file.outcomes]


def _of_lookups(found: Figures) -> None:
    lookups = list(Lookup.objects.values_list("status", "outcome", "attached"))
    ends = Counter(_end(*lookup) for lookup in lookups)
    found.add("Consultas ao DATASUS", "pessoas consultadas", len(lookups))
    for name in ("CNS vinculado", "para decidir ou corrigir", "não encontradas", "não foi possível consultar"):
        found.add("Consultas ao DATASUS", name, ends[name])
    found.check("respostas somam as consultas", holds=ends.total() == len(lookups))


def _end(status: str, outcome: str, attached: bool) -> str:
    if status != Status.DONE:
        return "não foi possível consultar"
    if attached:
        return "CNS vinculado"
    return "não encontradas" if outcome == Outcome.NOT_FOUND else "para decidir ou corrigir"


def _of_cards(found: Figures) -> None:
    batch = CardBatch.objects.order_by("pk")[0]
    issued = batch.items.filter(card__isnull=False).count()
    refused = batch.items.filter(card__isnull=True).count()
    pages = len(PdfReader(folder() / "cartoes.pdf").pages)
    found.add("Cartões", "emitidos", issued)
    found.add("Cartões", "recusados com motivo", refused)
    found.add("Cartões", "páginas do PDF", pages)
    found.check(
        "emitidos + recusados = vínculos ativos", holds=issued + refused == Beneficiary.objects.active().count()
    )
    found.check("páginas = 2 × emitidos", holds=pages == 2 * issued)


def _of_coverage(found: Figures) -> None:
    people = Person.objects.with_active_link()
    total, with_cns = people.count(), people.with_cns().count()
    verified = CnsNumber.objects.current().filter(verified=True, person__in=people).count()
    found.add("Cobertura", "pessoas com vínculo ativo", total)
    found.add("Cobertura", "com CNS", with_cns)
    found.add("Cobertura", "com CNS verificado", verified)
    found.add("Cobertura", "sem CNS", people.without_cns().count())
    found.check("com CNS + sem CNS = pessoas", holds=with_cns + people.without_cns().count() == total)
    issuable = Beneficiary.objects.active().filter(person__in=Person.objects.with_cns()).count()
    issued = next(value for room, name, value in found.rows if (room, name) == ("Cartões", "emitidos"))
    found.check("cartões = vínculos ativos de quem tem CNS", holds=issued == issuable)

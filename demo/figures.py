"""The figures of the demonstration: its file, conference, lookups and batch, and whether they add up.

They are made once, when the main job has ended, and kept: whatever the portal is used for afterwards is not of them.
"""

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.db.models import Exists, OuterRef, QuerySet
from pypdf import PdfReader

from beneficiaries.models import Beneficiary, CnsNumber, Person
from beneficiaries.models.links import BeneficiaryQuerySet
from cadsus.models import Lookup, LookupOutcome, LookupQuerySet, LookupReason, Priority
from cards.models import CardBatch
from cnsportal.jobs import Status
from demo.processes import folder
from operators.formats.atomic_files import temporary_path
from sib.models import ConferenceFile
from sib.services.conferences.receive import content_digest

SCOPE = "demonstração"
"""What the demonstration's batch of cards is told by."""


@dataclass
class Figures:
    """What the demonstration says at its end, area by area, and whether it adds up."""

    rows: list[tuple[str, str, int]] = field(default_factory=list)
    checks: list[tuple[str, bool]] = field(default_factory=list)

    def add(self, room: str, name: str, value: int) -> None:
        self.rows.append((room, name, value))

    def check(self, sentence: str, *, holds: bool) -> None:
        self.checks.append((sentence, holds))

    @property
    def add_up(self) -> bool:
        return all(holds for _, holds in self.checks)


# ---- what is the demonstration's own --------------------------------------------------------------------------------


def receipt_rows() -> list[dict[str, str]]:
    """The receipt of the demonstration's import; none before it."""
    try:
        with (folder() / "recibo.csv").open(encoding="utf-8-sig") as receipt:
            return list(csv.DictReader(receipt, delimiter=";"))
    except FileNotFoundError:
        return []


def own_links() -> BeneficiaryQuerySet:
    codes = [row["codigoBeneficiario"] for row in receipt_rows() if row["resultado"] != "rejected"]
    return Beneficiary.objects.filter(code__in=codes)


def own_people() -> list[int]:
    """Keys: a new database knows nothing of its tables yet, and would plan one query of it all badly."""
    return list(own_links().values_list("person", flat=True).distinct())


def own_conference() -> ConferenceFile | None:
    source = folder() / "conferencia.CNX"
    return ConferenceFile.objects.filter(digest=content_digest(source)).first() if source.exists() else None


def own_lookups() -> LookupQuerySet:
    asked = Lookup.objects.filter(reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)
    return asked.filter(person__in=own_people())


def own_batch() -> CardBatch | None:
    """The first one: in folders of former versions it has no name."""
    return CardBatch.objects.filter(scope__in=[SCOPE, ""]).order_by("pk").first()


# ---- the accounts ---------------------------------------------------------------------------------------------------


def reckon(file: ConferenceFile, batch: CardBatch) -> Figures:
    """Read from the database and the files, not from what the steps said of themselves."""
    found = Figures()
    _of_import(found)
    _of_conference(found, file)
    _of_lookups(found)
    _of_cards(found, batch)
    _of_coverage(found)
    return found


def _of_import(found: Figures) -> None:
    results = Counter(row["resultado"] for row in receipt_rows())
    links = own_links()
    found.add("Cadastro", "linhas do arquivo", results.total())
    found.add("Cadastro", "vínculos", links.count())
    found.add("Cadastro", "pessoas", links.values("person").distinct().count())
    found.add("Cadastro", "linhas recusadas", results["rejected"])
    sums = links.count() + results["rejected"] == results.total()
    found.check("vínculos + recusadas = linhas do arquivo", holds=sums)


def _of_conference(found: Figures, file: ConferenceFile) -> None:
    found.add("Conferência CNX", "registros", file.records)
    for outcome, label in _labels(file):
        found.add("Conferência CNX", label, file.outcomes[outcome])
    found.add("Conferência CNX", "CNS gravados", file.applied)
    of_records = sum(file.outcomes.values()) - file.only_here
    found.check("resultados, fora os só daqui, somam os registros", holds=of_records == file.records)
    written = file.differences.filter(answer__in=["ATTACHED", "CONFIRMED", "SUPERSEDED"]).count()
    found.check("CNS gravados = respostas que gravaram", holds=file.applied == written)


def _labels(file: ConferenceFile) -> list[tuple[str, str]]:
    from sib.domain.reconcile import Outcome as Result

    return [(result.name, result.value) for result in Result if result.name in file.outcomes]


def _of_lookups(found: Figures) -> None:
    lookups = list(own_lookups().values_list("status", "outcome", "attached"))
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
    return "não encontradas" if outcome == LookupOutcome.NOT_FOUND else "para decidir ou corrigir"


def _of_cards(found: Figures, batch: CardBatch) -> None:
    issued = batch.items.filter(card__isnull=False).count()
    refused = batch.items.exclude(refusal="").count()
    pages = len(PdfReader(folder() / "cartoes.pdf").pages)
    found.add("Cartões", "emitidos", issued)
    found.add("Cartões", "recusados com motivo", refused)
    found.add("Cartões", "páginas do PDF", pages)
    found.check("emitidos + recusados = vínculos ativos", holds=issued + refused == batch.total)
    found.check("páginas = 2 × emitidos", holds=pages == 2 * issued)
    had_cns = batch.items.filter(Exists(_numbers_at(batch.finished_at))).count()
    found.check("cartões = vínculos ativos de quem tem CNS", holds=issued == had_cns)


def _numbers_at(moment: datetime | None) -> QuerySet[CnsNumber]:
    """Those that were current then of the person of an item: more may have come since."""
    numbers = CnsNumber.objects.filter(person=OuterRef("beneficiary__person"), attached_at__lte=moment)
    return numbers.exclude(ended_at__lte=moment)


def _of_coverage(found: Figures) -> None:
    people = Person.objects.with_active_link().filter(pk__in=own_people())
    total, without_cns = people.count(), people.without_cns().count()
    with_cns = list(people.with_cns().values_list("pk", flat=True))
    verified = CnsNumber.objects.current().filter(verified=True, person__in=with_cns).count()
    found.add("Cobertura", "pessoas com vínculo ativo", total)
    found.add("Cobertura", "com CNS", len(with_cns))
    found.add("Cobertura", "com CNS verificado", verified)
    found.add("Cobertura", "sem CNS", without_cns)
    found.check("com CNS + sem CNS = pessoas", holds=len(with_cns) + without_cns == total)


# ---- kept -----------------------------------------------------------------------------------------------------------


def save_figures(found: Figures) -> None:
    """What added up once is not to be reckoned again over what the portal was used for since."""
    with temporary_path(_figures_path()) as draft:
        draft.write_text(json.dumps(asdict(found), ensure_ascii=False), encoding="utf-8")


def saved_figures() -> Figures | None:
    """The accounts of the main job, where it has ended in this very database."""
    try:
        told = json.loads(_figures_path().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    rows = [(room, name, value) for room, name, value in told["rows"]]
    checks = [(sentence, holds) for sentence, holds in told["checks"]]
    return Figures(rows, checks) if own_conference() else None


def _figures_path() -> Path:
    return folder() / "contas.json"

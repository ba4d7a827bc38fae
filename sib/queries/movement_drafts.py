"""What has to be reported to ANS: differences between registry and ANS, and what was never reported."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from beneficiaries.domain.names import fold
from beneficiaries.models import Beneficiary, CnsNumber
from sib.domain.field_differences import PARTIES
from sib.domain.movement_fields import CONTRACTUAL, contract_change, rectification, whole
from sib.domain.reconcile import Outcome
from sib.domain.sbx_rules import Problem, cnpj_with_letters, problems
from sib.formats.sbx.writer import CANCELLATION, CONTRACT_CHANGE, INCLUSION, REACTIVATION, RECTIFICATION, as_sent
from sib.models import Difference, MirrorRecord
from sib.models.conferences import ConferenceFile
from sib.models.differences import DifferenceQuerySet
from sib.queries.labels import SCHEMA_NAMES
from sib.queries.link_values import LinkValues, as_text, link_values_of
from sib.queries.unreported_links import BATCH_SIZE, find_links

UNCERTAIN_OWNER = frozenset({Outcome.OTHER_PERSON, Outcome.REVIEW, Outcome.REPEATED, Outcome.CNS_REPEATED})
"""Outcomes that leave in doubt whose record it is: nothing is reported to ANS about it before somebody decided."""
_COLUMNS = {name: column for column, name in SCHEMA_NAMES.items()}


@dataclass(slots=True)
class Draft:
    type: str
    facts: LinkValues | None
    cco: str
    fields: dict[str, str]
    origin: str
    problems: list[Problem] = field(default_factory=list)
    asks: bool = False  # whether a person must confirm it before it may go


def movement_drafts() -> Iterator[Draft]:
    yield from _from_links("never_sent", INCLUSION)
    if file := ConferenceFile.objects.latest_mirrored():
        about = {"file": file.pk, "strangers": [outcome.name for outcome in UNCERTAIN_OWNER]}
        yield from _from_links("cancelled_here", CANCELLATION, **about)
        yield from _from_links("active_here", REACTIVATION, **about)
        yield from _from_divergences(file, about)
        yield from _only_at_ans(file)
        yield from _only_here(file)


def _from_links(name: str, movement_type: str, **parameters: Any) -> Iterator[Draft]:
    for links in find_links(name, **parameters):
        found = list(link_values_of(links))
        holders = _records_of(each.texts["ccoBeneficiarioTitular"] for each in found)
        for facts in found:
            fields = whole(movement_type, facts.texts, keep_accents=settings.SIB_KEEP_ACCENTS)
            holder = holders.get(facts.texts["ccoBeneficiarioTitular"])
            yield _draft(movement_type, facts, fields, "registry", holder)


def _records_of(ccos: Iterable[str]) -> dict[str, MirrorRecord]:
    """What ANS has, by CCO."""
    return {each.cco: each for each in MirrorRecord.objects.filter(cco__in={cco for cco in ccos if cco})}


_NOT_THERE = Problem(
    "cco",
    "A última conferência da ANS não traz este CCO.",
    "Confira o CCO com a ANS: se está errado, corrija o vínculo; se ela não o tem mais, veja por que saiu de lá.",
)


def _from_divergences(file: ConferenceFile, about: dict[str, Any]) -> Iterator[Draft]:
    """Rectifications and contract changes of links that both sides have as active, where the person is no question."""
    for links in find_links("divergent", **about):
        told = _divergent_fields(file, links)
        facts = list(link_values_of(links))
        theirs = _records_of(each.cco for each in facts)
        for each in facts:
            yield from _corrections(each, theirs[each.cco], told.get(each.link_id, {}))


def _divergent_fields(file: ConferenceFile, links: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By link: its difference, the fields that differ, and whether ANS's number goes before ours.

    It does where the conference brought another one, until ours is a number that came after it.
    """
    since = CnsNumber.objects.current().filter(person=OuterRef("person"), attached_at__gt=file.mirrored_at)
    rows: DifferenceQuerySet = file.differences.filter(beneficiary__in=links)
    return {
        row["beneficiary"]: {
            "pk": row["pk"],
            "names": {each["field"] for each in row["divergences"]},
            "yields": row["outcome"] == Outcome.CNS_CHANGED.name and not row["is_newer"],
        }
        for row in rows.values("pk", "beneficiary", "divergences", "outcome", is_newer=Exists(since))
    }


def _corrections(facts: LinkValues, theirs: MirrorRecord, told: dict[str, Any]) -> Iterator[Draft]:
    names = {*told.get("names", ()), *(() if told.get("yields") else ("cns",))}
    changed = {name for name in names if _is_correction(name, facts, theirs)}
    origin = f"sib.difference:{told['pk']}" if told else "registry"
    if fields := rectification(facts.texts, changed, keep_accents=settings.SIB_KEEP_ACCENTS):
        yield _draft(RECTIFICATION, facts, fields, origin)
    if changed & CONTRACTUAL:
        yield _draft(CONTRACT_CHANGE, facts, contract_change(facts.texts), origin, theirs)


def _is_correction(name: str, facts: LinkValues, theirs: MirrorRecord) -> bool:
    """Whether we say something, and ANS still says something else."""
    ours = as_sent(name, facts.texts.get(name, ""))
    there = as_text(getattr(theirs, _COLUMNS[name]))
    return bool(ours) and fold(ours) != fold(there)


def _only_at_ans(file: ConferenceFile) -> Iterator[Draft]:
    """Active there and unknown here: a cancellation that somebody must confirm, with its day and reason."""
    known_since = Exists(Beneficiary.objects.filter(cco=OuterRef("cco")))  # founded, imported or given its CCO
    strange = Difference.objects.filter(~known_since, file=file, outcome=Outcome.ONLY_AT_ANS.name).order_by("pk")
    for pk, cco in strange.values_list("pk", "cco").iterator(chunk_size=BATCH_SIZE):
        yield Draft(CANCELLATION, None, cco, {}, f"sib.difference:{pk}", asks=True)


def _only_here(file: ConferenceFile) -> Iterator[Draft]:
    """Active here under a CCO that the last conference lacks: only a person can tell which side is wrong."""
    for links in find_links("unknown_there", file=file.pk, only_here=Outcome.ONLY_HERE.name):
        for facts in link_values_of(links):
            fields = whole(INCLUSION, facts.texts, keep_accents=settings.SIB_KEEP_ACCENTS)
            yield Draft(INCLUSION, facts, facts.cco, fields, "registry", [_NOT_THERE])


def _draft(
    movement_type: str, facts: LinkValues, fields: dict[str, str], origin: str, theirs: MirrorRecord | None = None
) -> Draft:
    """``theirs``: what ANS has of the link, or of its holder where it never had the link."""
    found = problems(
        movement_type,
        facts.cco,
        fields,
        today=timezone.localdate(),
        is_pre_law=facts.is_pre_law,
        contracted=facts.texts["dataContratacao"],
        needs_cns=not settings.SIB_INCLUDE_WITHOUT_CNS,
    )
    if not settings.SIB_ALPHANUMERIC_CNPJ:
        found += cnpj_with_letters(fields)
    if theirs and movement_type in {INCLUSION, CONTRACT_CHANGE}:
        found += _party_missing(fields, theirs)
    return Draft(movement_type, facts, facts.cco, fields, origin, found)


_PARTY_MISSING = Problem(
    PARTIES[0],
    "Na ANS este contrato tem quem o contrata (CNPJ, CAEPF ou CEI), e no cadastro não.",
    "Informe no cadastro quem contrata, ou confirme com a ANS que o plano é individual.",
)


def _party_missing(fields: dict[str, str], theirs: MirrorRecord) -> list[Problem]:
    """A collective life would become an individual's."""
    is_there = any(getattr(theirs, _COLUMNS[name]) for name in PARTIES)
    return [_PARTY_MISSING] if is_there and not any(map(fields.get, PARTIES)) else []

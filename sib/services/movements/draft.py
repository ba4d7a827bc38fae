"""Movements drafted from what the registry and ANS say differently, and from what ANS was never told.

Drafted again, the drafts follow: what changed is brought up to date, what is settled goes, what somebody set aside
stays aside. What already is in a file is left alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from beneficiaries.domain.names import fold
from beneficiaries.models import Beneficiary, CnsNumber
from beneficiaries.services.change_events import hold_references
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from operators.services.lock_operator import lock_operator
from sib.domain.field_differences import PARTIES
from sib.domain.movement_fields import CONTRACTUAL, contract_change, rectification, whole
from sib.domain.reconcile import Outcome
from sib.domain.sbx_rules import Problem, cnpj_with_letters, problems
from sib.formats.sbx.writer import CANCELLATION, CONTRACT_CHANGE, INCLUSION, REACTIVATION, RECTIFICATION, as_sent
from sib.models import Difference, MirrorRecord, Movement, MovementState, MovementType
from sib.models.conferences import ConferenceFile
from sib.models.differences import DifferenceQuerySet
from sib.models.movements import MovementQuerySet
from sib.queries.labels import SCHEMA_NAMES
from sib.queries.link_values import LinkFacts, as_text, link_values_of
from sib.queries.unreported_links import BATCH_SIZE, find_links
from sib.sql.unreported_links import ACTIVE_HERE, CANCELLED_HERE, DIVERGENT, NEVER_SENT, UNKNOWN_THERE

OPEN = (MovementState.DRAFT, MovementState.HELD, MovementState.READY, MovementState.SENT)
LOOSE = (MovementState.DRAFT, MovementState.HELD, MovementState.READY)
STRANGERS = frozenset({Outcome.OTHER_PERSON, Outcome.REVIEW, Outcome.REPEATED, Outcome.CNS_REPEATED})
"""Outcomes that leave in doubt whose record it is: nothing is told to ANS about it before somebody decided."""
_COLUMNS = {name: column for column, name in SCHEMA_NAMES.items()}


@dataclass(slots=True)
class Draft:
    type: str
    facts: LinkFacts | None
    cco: str
    fields: dict[str, str]
    origin: str
    problems: list[Problem] = field(default_factory=list)
    asks: bool = False  # whether a person must confirm it before it may go


@transaction.atomic
def draft_movements(*, actor: User | None = None) -> dict[str, int]:
    """Draft everything anew; how many movements of each type are open, by element name of the type."""
    lock_operator()  # one drafting at a time
    kept: set[int] = set()
    for drafts in _batches(_drafts()):
        kept |= _keep(drafts, actor)
    loose = Movement.objects.filter(file=None, state__in=LOOSE)
    loose.exclude(pk__in=kept).delete()
    counts = Counter(loose.values_list("type", flat=True))
    data = {"movements": dict(counts), "held": loose.filter(state=MovementState.HELD).count()}
    record([Event(EventKind.MOVEMENTS_DRAFTED, "operator", current_operator_id(), actor=actor, data=data)])
    return {MovementType(kind).label: counts[kind] for kind in MovementType.values}


def is_something_untold() -> bool:
    """Whether there is something to draft that is in no movement yet, settled or open; looks no further than that."""
    return any(_untold(drafts) for drafts in _batches(_drafts()))


def _untold(drafts: Sequence[Draft]) -> bool:
    before, last = _known(drafts), ConferenceFile.objects.latest_mirrored()
    since = last.mirrored_at if last else None
    known = [(draft, before.get(_key_of(draft), [])) for draft in drafts]
    return any(
        not _is_settled(draft, past, since) for draft, past in known if not any(each.state in OPEN for each in past)
    )


def with_refused_letters(movements: MovementQuerySet) -> MovementQuerySet:
    """Those with a CNPJ with letters, where ANS's schema is not said to take them (any more)."""
    if settings.SIB_ALPHANUMERIC_CNPJ:
        return movements.none()
    refused: MovementQuerySet = movements.filter(**{f"fields__{PARTIES[0]}__regex": "[^0-9]"})
    return refused


def hold_letters() -> None:
    """What was drafted while ANS's schema was said to take a CNPJ with letters."""
    told = with_refused_letters(Movement.objects.free())
    told.update(state=MovementState.HELD, problems=[each.as_json() for each in cnpj_with_letters({PARTIES[0]: "A"})])


def request_drafting(actor: User) -> None:
    """Have a worker do it: a great registry takes minutes."""
    message = {"operator_id": current_operator_id(), "actor_id": actor.pk}
    transaction.on_commit(lambda: current_app.send_task("sib.draft_movements", kwargs=message))


def _batches(drafts: Iterator[Draft]) -> Iterator[list[Draft]]:
    while batch := list(islice(drafts, BATCH_SIZE)):
        yield batch


# ---- what to tell ---------------------------------------------------------------------------------------------------


def _drafts() -> Iterator[Draft]:
    yield from _from_links(NEVER_SENT, INCLUSION)
    if file := ConferenceFile.objects.latest_mirrored():
        about = {"file": file.pk, "strangers": [outcome.name for outcome in STRANGERS]}
        yield from _from_links(CANCELLED_HERE, CANCELLATION, **about)
        yield from _from_links(ACTIVE_HERE, REACTIVATION, **about)
        yield from _from_divergences(file, about)
        yield from _only_at_ans(file)
        yield from _only_here(file)


def _from_links(query: str, movement_type: str, **parameters: Any) -> Iterator[Draft]:
    for links in find_links(query, **parameters):
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
    for links in find_links(DIVERGENT, **about):
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


def _corrections(facts: LinkFacts, theirs: MirrorRecord, told: dict[str, Any]) -> Iterator[Draft]:
    names = {*told.get("names", ()), *(() if told.get("yields") else ("cns",))}
    changed = {name for name in names if _is_ours_alone(name, facts, theirs)}
    origin = f"sib.difference:{told['pk']}" if told else "registry"
    if fields := rectification(facts.texts, changed, keep_accents=settings.SIB_KEEP_ACCENTS):
        yield _draft(RECTIFICATION, facts, fields, origin)
    if changed & CONTRACTUAL:
        yield _draft(CONTRACT_CHANGE, facts, contract_change(facts.texts), origin, theirs)


def _is_ours_alone(name: str, facts: LinkFacts, theirs: MirrorRecord) -> bool:
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
    for links in find_links(UNKNOWN_THERE, file=file.pk, only_here=Outcome.ONLY_HERE.name):
        for facts in link_values_of(links):
            fields = whole(INCLUSION, facts.texts, keep_accents=settings.SIB_KEEP_ACCENTS)
            yield Draft(INCLUSION, facts, facts.cco, fields, "registry", [_NOT_THERE])


def _draft(
    movement_type: str, facts: LinkFacts, fields: dict[str, str], origin: str, theirs: MirrorRecord | None = None
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


# ---- kept -----------------------------------------------------------------------------------------------------------


def _keep(drafts: Sequence[Draft], actor: User | None) -> set[int]:
    """Create what is new, bring up to date what is loose; the keys of all that these drafts stand for."""
    before, last = _known(drafts), ConferenceFile.objects.latest_mirrored()
    people = hold_references({draft.facts.person_id for draft in drafts if draft.facts})
    since = last.mirrored_at if last else None
    fresh, stale, kept = [], [], set()
    for draft in drafts:
        past = before.get(_key_of(draft), [])
        if open_one := next((each for each in past if each.state in OPEN), None):
            kept.add(open_one.pk)
            if open_one.file_id is None and _update_drafts(open_one, draft, past):
                stale.append(open_one)
        elif (not draft.facts or draft.facts.person_id in people) and not _is_settled(draft, past, since):
            fresh.append(_row(draft, past, actor))
    Movement.objects.bulk_update(stale, ["fields", "problems", "state", "cco", "code", "origin"])
    return kept | {each.pk for each in Movement.objects.bulk_create(fresh)}


def _is_settled(draft: Draft, past: Sequence[Movement], since: datetime | None) -> bool:
    """Somebody set the very same aside, or ANS accepted it and only its last conference does not show it yet."""
    aside = [each for each in past if each.state == MovementState.DISCARDED]
    if any(draft.asks or each.fields == draft.fields for each in aside):  # what asks says nothing yet
        return True
    accepted: dict[str, str] = {}
    was_accepted = False
    for each in reversed(past):
        if each.state == MovementState.ACCEPTED and each.settled_at and (since is None or each.settled_at > since):
            accepted |= each.fields
            was_accepted = True
    return was_accepted and draft.fields.items() <= accepted.items()


def _known(drafts: Sequence[Draft]) -> dict[tuple[Any, str], list[Movement]]:
    """Earlier movements of the same links, or CCOs without one, by type; the last first."""
    links = [draft.facts.link_id for draft in drafts if draft.facts]
    ccos = [draft.cco for draft in drafts if not draft.facts]
    found = [
        *Movement.objects.filter(beneficiary__in=links).order_by("-pk"),
        *Movement.objects.filter(beneficiary=None, cco__in=ccos).order_by("-pk"),
    ]
    known: dict[tuple[Any, str], list[Movement]] = {}
    for movement in found:
        known.setdefault((movement.beneficiary_id or movement.cco, movement.type), []).append(movement)
    return known


def _key_of(draft: Draft) -> tuple[Any, str]:
    return (draft.facts.link_id if draft.facts else draft.cco, draft.type)


def _row(draft: Draft, past: Sequence[Movement], actor: User | None) -> Movement:
    movement = Movement(operator_id=current_operator_id(), type=draft.type, created_by=actor)
    if draft.facts:
        movement.person_id, movement.beneficiary_id = draft.facts.person_id, draft.facts.link_id
    _update_drafts(movement, draft, past)
    return movement


def _update_drafts(movement: Movement, draft: Draft, past: Sequence[Movement]) -> bool:
    """Whether anything of it changed. One that a person must confirm keeps what was confirmed."""
    if draft.asks and movement.pk:
        return False
    found = [each.as_json() for each in draft.problems] + _refused_before(draft, past)
    state = MovementState.DRAFT if draft.asks else MovementState.HELD if found else MovementState.READY
    code = draft.facts.code if draft.facts else ""
    told = (draft.fields, found, state, draft.cco, code, draft.origin)
    if told == (movement.fields, movement.problems, movement.state, movement.cco, movement.code, movement.origin):
        return False
    movement.fields, movement.problems, movement.state, movement.cco, movement.code, movement.origin = told
    return True


def _refused_before(draft: Draft, past: Sequence[Movement]) -> list[dict[str, str]]:
    """The very same that ANS refused last time would be refused again."""
    answered = [each for each in past if each.state in {MovementState.ACCEPTED, MovementState.REJECTED}]
    if not answered or answered[0].state != MovementState.REJECTED or answered[0].fields != draft.fields:
        return []
    sentence = "A ANS recusou esta mesma movimentação, e nada mudou desde então."
    return [Problem("", sentence, "Veja a recusa na página da pessoa e corrija o dado.").as_json()]

"""Movements drafted from what the registry and ANS say differently, and from what was never reported to ANS.

Drafted again, the drafts follow: what changed is brought up to date, what is settled goes, what somebody set aside
stays aside. What already is in a file is left alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from beneficiaries.services.change_events import lock_referenced_people
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import AuditEvent, User
from operators.services.lock_operator import lock_operator
from sib.domain.field_differences import PARTIES
from sib.domain.sbx_rules import Problem, cnpj_with_letters
from sib.models import Movement, MovementState, MovementType
from sib.models.conferences import ConferenceFile
from sib.models.movements import MovementQuerySet
from sib.queries.movement_drafts import Draft, movement_drafts
from sib.queries.unreported_links import BATCH_SIZE

OPEN = (MovementState.DRAFT, MovementState.HELD, MovementState.READY, MovementState.SENT)
EDITABLE = (MovementState.DRAFT, MovementState.HELD, MovementState.READY)


@transaction.atomic
def draft_movements(*, actor: User | None = None) -> dict[str, int]:
    """Draft everything again; how many movements of each type are open, by element name of the type."""
    lock_operator()  # one drafting at a time
    kept: set[int] = set()
    for drafts in _batches(movement_drafts()):
        kept |= _keep(drafts, actor)
    editable = Movement.objects.filter(file=None, state__in=EDITABLE)
    editable.exclude(pk__in=kept).delete()
    counts = Counter(editable.values_list("type", flat=True))
    data = {"movements": dict(counts), "held": editable.filter(state=MovementState.HELD).count()}
    record([Event(EventKind.MOVEMENTS_DRAFTED, "operator", current_operator_id(), actor=actor, data=data)])
    return {MovementType(kind).label: counts[kind] for kind in MovementType.values}


def has_unreported_changes() -> bool:
    """Whether there is something to draft that is in no movement yet, settled or open; looks no further than that."""
    return any(_is_unreported(drafts) for drafts in _batches(movement_drafts()))


def _is_unreported(drafts: Sequence[Draft]) -> bool:
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


def hold_refused_letters() -> None:
    """What was drafted while ANS's schema was said to take a CNPJ with letters."""
    told = with_refused_letters(Movement.objects.free())
    told.update(state=MovementState.HELD, problems=[each.as_json() for each in cnpj_with_letters({PARTIES[0]: "A"})])


def request_drafting(actor: User) -> None:
    """Have a worker do it: a great registry takes minutes."""
    message = {"operator_id": current_operator_id(), "actor_id": actor.pk}
    transaction.on_commit(lambda: current_app.send_task("sib.draft_movements", kwargs=message))


def last_drafting() -> int:
    """Key of its event; 0 where there was none."""
    drafted = AuditEvent.objects.filter(kind=EventKind.MOVEMENTS_DRAFTED.code)
    return drafted.aggregate(last=Max("pk"))["last"] or 0


def _batches(drafts: Iterator[Draft]) -> Iterator[list[Draft]]:
    while batch := list(islice(drafts, BATCH_SIZE)):
        yield batch


def _keep(drafts: Sequence[Draft], actor: User | None) -> set[int]:
    """Create what is new, bring up to date what is loose; the keys of all that these drafts stand for."""
    before, last = _known(drafts), ConferenceFile.objects.latest_mirrored()
    people = lock_referenced_people({draft.facts.person_id for draft in drafts if draft.facts})
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

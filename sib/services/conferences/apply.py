"""Applies a rehearsed conference to the registry, range by range; each difference is marked and so applied once."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q

from beneficiaries.domain.field_comparison import FieldComparison
from beneficiaries.domain.identity_policy import Tier, compare
from beneficiaries.models import CnsNumber, CnsSource, Person
from beneficiaries.services import Attachment, CnsOffer, attach_cns
from beneficiaries.services.attach_cns import attach_from_select
from beneficiaries.services.give_ccos import give_ccos
from beneficiaries.services.reviews import ReviewCase, open_reviews
from cnsportal.db.locks import AdvisoryLock, lock_until_commit
from cnsportal.db.parallel import run_in_parallel
from cnsportal.db.sql_files import read_statements
from operators.audit import Event, EventKind, record
from operators.models import User
from sib.domain.reconcile import DifferenceAction
from sib.models import CnxStep, ConferenceFile, Difference, MirrorRecord
from sib.models.differences import DifferenceQuerySet
from sib.queries import staging_tables
from sib.queries.apply_summary import WRITTEN
from sib.services.pending_facts import note_what_ans_refuses

_SQL = read_statements("sib/sql/apply.sql")
RANGE_SIZE = 50_000  # differences in one transaction
CHUNK_SIZE = 1_000  # of these, looked at one by one at a time
LANES = 2  # transactions at once; each person is in one lane, whatever links and differences there are


BY_CCO_ALONE = (
    "O CCO é o deste vínculo, mas não há CPF para comparar, e os outros dados não bastam para vincular sem uma pessoa. "
    "Compare e decida."
)
CHANGED_SINCE = "CHANGED_SINCE"  # answer: the person is not as the rehearsal saw him or her any more


def apply_differences(file: ConferenceFile, heartbeat: Callable[[int], bool], actor: User | None = None) -> bool:
    """Write what the rehearsal decided, as far as the scope goes; False when the job is no longer ours.

    What was written stays written. A scope that leaves something to do brings the file back to its rehearsal.
    """
    ranges = list(_ranges(in_scope(file)))
    done, written = file.differences.filter(applied_at__isnull=False).count(), _written_outside(file, ranges)
    for first, last in ranges:
        lanes = LANES if last - first > CHUNK_SIZE else 1
        tasks = [partial(_apply_range, file, Range(first, last, lanes, lane), actor) for lane in range(lanes)]
        done += sum(run_in_parallel(tasks))
        written += _written(file).filter(pk__range=(first, last)).count()
        ConferenceFile.objects.filter(pk=file.pk).update(applied=written)  # reported where it is stopped in the middle
        if not heartbeat(done):
            return False
    _finish(file, actor)
    return True


def _written(file: ConferenceFile) -> DifferenceQuerySet:
    found: DifferenceQuerySet = file.differences.filter(answer__in=WRITTEN)
    return found


def _written_outside(file: ConferenceFile, ranges: Sequence[tuple[int, int]]) -> int:
    """What an earlier scope or worker wrote where none of these ranges lies."""
    if not ranges:
        return 0
    return _written(file).exclude(pk__range=(ranges[0][0], ranges[-1][1])).count()


def in_scope(file: ConferenceFile) -> DifferenceQuerySet:
    """What of the file is to be applied, and is not yet."""
    found: DifferenceQuerySet = file.differences.to_apply()
    if "outcomes" in file.apply_scope:
        found = found.filter(outcome__in=file.apply_scope["outcomes"])
    if "ids" in file.apply_scope:
        found = found.filter(pk__in=file.apply_scope["ids"])
    return found


class Range(NamedTuple):
    """Differences by their keys, and of these the people of one lane."""

    first: int
    last: int
    lanes: int
    lane: int


def _ranges(wanted: DifferenceQuerySet) -> Iterator[tuple[int, int]]:
    ends = wanted.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"]:
        for first in range(ends["first"], ends["last"] + 1, RANGE_SIZE):
            yield first, min(first + RANGE_SIZE - 1, ends["last"])


def _apply_range(file: ConferenceFile, part: Range, actor: User | None) -> int:
    """Numbers, CCOs, reviews and quarantine of these differences, in one transaction with their marks; how many."""
    condition, chosen = _condition(file)
    parameters = {"file": file.pk, "operator": file.operator_id, **part._asdict(), **chosen}
    of_lane = in_scope(file).annotate(lane=F("person_id") % part.lanes)
    wanted = of_lane.filter(pk__range=(part.first, part.last), lane=part.lane).order_by("pk")
    with staging_tables.large_work_memory():
        if not _is_still_claimed(file, part):
            return 0
        count = _attach_plain(file, condition, parameters, actor)
        while chunk := list(wanted[:CHUNK_SIZE]):
            _apply_chunk(file, chunk, actor)
            count += len(chunk)
    return count


def _is_still_claimed(file: ConferenceFile, part: Range) -> bool:
    """Whether the job is still this worker's, once nobody else writes in this lane.

    One that was given up or cancelled in the middle of a range may still be writing it while another takes the job up:
    each difference is applied once, and what it says was there before is true.
    """
    lock_lanes(file, [part.lane] if part.lanes > 1 else range(LANES))
    return file.is_still_claimed()


def lock_lanes(file: ConferenceFile, lanes: Iterable[int] = range(LANES)) -> None:
    """Wait until nobody writes there for this conference; nobody does until the end of the transaction."""
    for lane in lanes:
        lock_until_commit(AdvisoryLock.CONFERENCE_LANE, lane, file.pk)


def _condition(file: ConferenceFile) -> tuple[str, dict[str, Any]]:
    """The scope as SQL."""
    scope = file.apply_scope
    conditions = {"outcomes": "d.outcome = ANY (%(outcomes)s)", "ids": "d.id = ANY (%(ids)s)"}
    chosen = [text for name, text in conditions.items() if name in scope]
    return " AND ".join(["true", *chosen]), {name: scope[name] for name in conditions if name in scope}


# ---- plain: the same person letter for letter, who has no number yet ------------------------------------------------


def _attach_plain(file: ConferenceFile, condition: str, parameters: dict[str, Any], actor: User | None) -> int:
    offers = _SQL["offers"].format(condition=condition)
    attach_from_select(offers, parameters, source=CnsSource.CNX, origin=file.origin, actor=actor)
    with connection.cursor() as cursor:
        cursor.execute(_SQL["mark_attached"], parameters)
        return int(cursor.rowcount)


# ---- one by one -----------------------------------------------------------------------------------------------------


def _apply_chunk(file: ConferenceFile, chunk: Sequence[Difference], actor: User | None) -> None:
    people = {person.pk: person for person in Person.objects.filter(pk__in=[each.person_id for each in chunk])}
    numbers = _current(people)
    changed = _compare_plain(chunk, people)
    valid = [each for each in chunk if each.pk not in changed and _is_still_true(each, people)]
    answers = dict.fromkeys((each.pk for each in chunk), CHANGED_SINCE) | dict.fromkeys((each.pk for each in valid), "")
    answers |= _attach(file, [each for each in valid if each.deed == DifferenceAction.ATTACH], actor)
    open_reviews([_case(each) for each in valid if each.deed == DifferenceAction.REVIEW])
    gave = _give_ccos(file, [each for each in valid if each.gives_cco], actor)
    _mark(chunk, answers, [json.dumps(_undo(each, numbers, gave)) for each in chunk])


def _mark(chunk: Sequence[Difference], answers: Mapping[int, str], undos: list[str]) -> None:
    ids = [each.pk for each in chunk]
    with connection.cursor() as cursor:
        cursor.execute(_SQL["mark_applied"], {"ids": ids, "answers": [answers[pk] for pk in ids], "undos": undos})


def _compare_plain(chunk: Sequence[Difference], people: dict[int, Person]) -> set[int]:
    """What was decided by its shape and could not be attached with its like gets its comparison after all.

    The keys of those whose person is not letter for letter the record's any more, as the shape says.
    """
    plain = [each for each in chunk if not each.comparison and each.person_id in people]
    theirs = {each.cco: each for each in MirrorRecord.objects.filter(cco__in=[each.cco for each in plain])}
    changed = set()
    for each in plain:
        person, record = people[each.person_id or 0], theirs.get(each.cco)
        if record is None or not _is_letter_for_letter(person, record):
            changed.add(each.pk)
        else:
            each.comparison = [field.as_json() for field in compare(person.as_identity(), record.as_candidate())]
    return changed


def _is_letter_for_letter(person: Person, theirs: MirrorRecord) -> bool:
    ours = (person.cpf or "", person.birth_date, person.name_key)
    return ours == (theirs.cpf, theirs.data_nascimento, theirs.name_key)


def _current(people: Collection[int]) -> dict[int, int]:
    return dict(CnsNumber.objects.current().filter(person__in=people).values_list("person_id", "pk"))


def _is_still_true(difference: Difference, people: dict[int, Person]) -> bool:
    """Whether our side of the comparison is still what the registry says."""
    person = people.get(difference.person_id or 0)
    if person is None:
        return False
    now = {"cpf": person.cpf or "", "nascimento": person.birth_date.isoformat(), "nome": person.name}
    compared = map(FieldComparison.from_json, difference.comparison)
    return all(now.get(each.field, each.ours) == each.ours for each in compared)


def _undo(difference: Difference, numbers: dict[int, int], gave: Collection[int]) -> dict[str, Any]:
    """What was there before; sib.services.conferences.revert puts it back."""
    return {
        "previous": numbers.get(difference.person_id or 0),
        "gave_cco": difference.beneficiary_id in gave,
    }


def _attach(file: ConferenceFile, differences: Sequence[Difference], actor: User | None) -> dict[int, str]:
    """The answer by difference."""
    offers: dict[int, Difference] = {}
    for difference in differences:
        offers.setdefault(difference.person_id or 0, difference)
    answers = attach_cns([_wanted(file, difference) for difference in offers.values()], actor=actor)
    return {difference.pk: _answer(difference, offers, answers).name for difference in differences}


def _answer(difference: Difference, offers: dict[int, Difference], answers: dict[int, Attachment]) -> Attachment:
    """A second link of the same person shares the answer where it brings the same number."""
    person = difference.person_id or 0
    return answers[person] if offers[person].number == difference.number else Attachment.CONFLICT


def _wanted(file: ConferenceFile, difference: Difference) -> CnsOffer:
    return CnsOffer(
        person_id=difference.person_id or 0,
        number=difference.number,
        source=CnsSource.CNX,
        tier=difference.tier,
        evidence={**difference.as_evidence(), "file": file.pk},
        origin=file.origin,
    )


def _case(difference: Difference) -> ReviewCase:
    return ReviewCase(
        person_id=difference.person_id or 0,
        number=difference.number,
        source=CnsSource.CNX,
        tier=difference.tier,
        reason=BY_CCO_ALONE if difference.tier == Tier.E else difference.reason,
        comparison=difference.comparison,
        origin=difference.origin,
    )


def _give_ccos(file: ConferenceFile, differences: Sequence[Difference], actor: User | None) -> set[int]:
    """Links known by their code alone get the number that ANS gave them, unless one of the two was settled since."""
    if not differences:
        return set()
    wanted = "SELECT * FROM unnest(%(links)s::bigint[], %(ccos)s::text[]) AS told (link_id, cco)"
    links, ccos = [each.beneficiary_id for each in differences], [each.cco for each in differences]
    return give_ccos(wanted, {"links": links, "ccos": ccos}, origin=file.origin, actor=actor)


# ---- the end --------------------------------------------------------------------------------------------------------


@transaction.atomic
def _finish(file: ConferenceFile, actor: User | None) -> None:
    counts = file.differences.aggregate(
        applied=Count("pk", filter=Q(answer__in=WRITTEN)),
        reviews=Count("pk", filter=Q(deed=DifferenceAction.REVIEW, applied_at__isnull=False)),
    )
    is_over = not file.differences.to_apply().exists()
    file.applied, file.step = counts["applied"], CnxStep.APPLIED if is_over else CnxStep.REHEARSED
    file.wants_apply = is_over
    file.save(update_fields=["applied", "step", "wants_apply"])
    note_what_ans_refuses(file)
    data = {"records": file.records, **counts, "outcomes": file.outcomes, "scope": file.apply_scope}
    record([Event(EventKind.CNX_APPLIED, "conferencefile", file.pk, actor=actor, data=data)])

"""A rehearsed file taken into the registry, chunk by chunk; what is applied is marked, so that it is done once."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from beneficiaries.models import Beneficiary, CnsSource, PendingReason, Person
from beneficiaries.services import Attachment, WantedCns, attach_cns, note_pending
from beneficiaries.services.reviewing import ReviewCase, open_reviews
from operators.audit import Event, EventKind, record
from operators.models import User
from sib.models import ConferenceFile, Difference, Step
from sib.reconcile import Deed

CHUNK = 2_000  # differences


def apply(file: ConferenceFile, beat: Callable[[int], bool], actor: User | None = None) -> bool:
    """Write what the rehearsal decided; False when the run is no longer ours. What was written stays written."""
    done = file.differences.filter(applied_at__isnull=False).count()
    while chunk := list(file.differences.to_apply().order_by("pk")[:CHUNK]):
        _apply_chunk(file, chunk, actor)
        done += len(chunk)
        if not beat(done):
            return False
    _finish(file, actor)
    return True


@transaction.atomic
def _apply_chunk(file: ConferenceFile, chunk: Sequence[Difference], actor: User | None) -> None:
    """Numbers, reviews, quarantine and CCOs of these differences, in one transaction with their marks."""
    _attach(file, [difference for difference in chunk if difference.deed == Deed.ATTACH], actor)
    open_reviews([_case(difference) for difference in chunk if difference.deed == Deed.REVIEW])
    _quarantine([difference for difference in chunk if difference.deed == Deed.QUARANTINE])
    _give_ccos(difference for difference in chunk if difference.gives_cco)
    for answer, same in groupby(sorted(chunk, key=_answer_of), key=_answer_of):
        marked = Difference.objects.filter(pk__in=[difference.pk for difference in same])
        marked.update(answer=answer, applied_at=timezone.now())


def _answer_of(difference: Difference) -> str:
    return difference.answer


def _attach(file: ConferenceFile, differences: Sequence[Difference], actor: User | None) -> None:
    offers: dict[int, Difference] = {}
    for difference in differences:
        assert difference.person_id  # noqa: S101  (nothing is attached to nobody)
        offers.setdefault(difference.person_id, difference)
    answers = attach_cns([_wanted(file, difference) for difference in offers.values()], actor=actor)
    for difference in differences:
        difference.answer = _answer(difference, offers, answers).name


def _answer(difference: Difference, offers: dict[int, Difference], answers: dict[int, Attachment]) -> Attachment:
    """A second link of the same person shares the answer where it brings the same number."""
    assert difference.person_id  # noqa: S101
    same = offers[difference.person_id].number == difference.number
    return answers[difference.person_id] if same else Attachment.CONFLICT


def _wanted(file: ConferenceFile, difference: Difference) -> WantedCns:
    assert difference.person_id  # noqa: S101
    return WantedCns(
        person_id=difference.person_id,
        number=difference.number,
        source=CnsSource.CNX,
        tier=difference.tier,
        evidence={**difference.as_evidence(), "file": file.pk},
        origin=file.origin,
    )


def _case(difference: Difference) -> ReviewCase:
    assert difference.person_id  # noqa: S101
    return ReviewCase(
        person_id=difference.person_id,
        number=difference.number,
        source=CnsSource.CNX,
        tier=difference.tier,
        reason=difference.reason,
        comparison=difference.comparison,
        origin=f"sib.difference:{difference.pk}",
    )


def _quarantine(differences: Iterable[Difference]) -> None:
    """The CCO points to somebody else: nothing is attached, and a person without a CNS says so."""
    people = Person.objects.without_cns().filter(pk__in=[difference.person_id for difference in differences])
    note_pending(dict.fromkeys(people.values_list("pk", flat=True), PendingReason.OTHER_PERSON))


def _give_ccos(differences: Iterable[Difference]) -> None:
    """Links known by their code alone get the number that ANS gave them, unless one of the two was settled since."""
    ccos = {difference.beneficiary_id or 0: difference.cco for difference in differences}
    taken = set(Beneficiary.objects.filter(cco__in=ccos.values()).values_list("cco", flat=True))
    links = [link for link in Beneficiary.objects.filter(pk__in=ccos, cco=None) if ccos[link.pk] not in taken]
    for link in links:
        link.cco = ccos[link.pk]
    Beneficiary.objects.bulk_update(links, ["cco"])


@transaction.atomic
def _finish(file: ConferenceFile, actor: User | None) -> None:
    written = [answer.name for answer in Attachment if answer.is_written]
    counts = file.differences.aggregate(
        applied=Count("pk", filter=Q(answer__in=written)), reviews=Count("pk", filter=Q(deed=Deed.REVIEW))
    )
    file.applied, file.step = counts["applied"], Step.APPLIED
    file.save(update_fields=["applied", "step"])
    data = {"records": file.records, **counts, "outcomes": file.outcomes}
    record([Event(EventKind.CNX_APPLIED, "conferencefile", file.pk, actor=actor, data=data)])

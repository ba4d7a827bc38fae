"""Later work that depends on what a conference wrote: numbers, reviews, CCOs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, Review
from beneficiaries.models.cns import EndReason
from beneficiaries.queries.dependents import dependents_of
from beneficiaries.registry import Dependent
from cnsportal.formats.br import format_date
from sib.models import ConferenceFile, Difference
from sib.models.movements import Movement, MovementState, SbxState
from sib.queries.apply_summary import REVERTED, WRITTEN

PERSON = "beneficiaries:person"
IN_FILES = Q(
    state__in=[MovementState.READY, MovementState.SENT, MovementState.ACCEPTED],
    file__state__in=[SbxState.DRAFT, SbxState.APPROVED, SbxState.SENT, SbxState.ANSWERED],
)
"""Movements that ANS knows, or that lie in a file for it."""
EDITABLE = Q(state__in=[MovementState.DRAFT, MovementState.HELD, MovementState.READY], file=None)
"""Drafts, which follow what the registry says."""


def numbers_of(file: ConferenceFile, differences: Sequence[Difference]) -> dict[int, CnsNumber]:
    """The numbers that the conference gave these people, by person."""
    people = {each.person_id for each in differences if each.answer in WRITTEN}
    given = CnsNumber.objects.filter(person__in=people, source=CnsSource.CNX, evidence__file=file.pk)
    return {number.person_id: number for number in given.order_by("pk")}


def conference_dependents(
    file: ConferenceFile, differences: Sequence[Difference], numbers: Mapping[int, CnsNumber], since: datetime
) -> list[Dependent]:
    """All of it, of these applied differences; ``numbers`` are theirs, ``since`` when the first was applied."""
    vanishing = {
        each.person_id: each.number
        for each in differences
        if each.answer in {"ATTACHED", "SUPERSEDED"} and each.person_id in numbers
    }
    return [
        *_changed(numbers),
        *_former_number_elsewhere(numbers),
        *_decided(differences),
        *_ccos_used(file, differences),
        *_sent_to_ans(differences, vanishing, since),
        *dependents_of({person: number for person, number in vanishing.items() if person}, since),
    ]


def _changed(numbers: Mapping[int, CnsNumber]) -> Iterator[Dependent]:
    ended = [each for each in numbers.values() if each.ended_at and each.end_reason != EndReason.WITHDRAWN]
    for number in ended:
        what = "foi confirmado por outra fonte" if number.end_reason == EndReason.CONFIRMED else "mudou"
        sentence = f"o CNS {what} depois, em {format_date(timezone.localtime(number.ended_at))}"
        yield Dependent(number.person_id, sentence, PERSON, number.person_id)


def _former_number_elsewhere(numbers: Mapping[int, CnsNumber]) -> Iterator[Dependent]:
    """A number that this conference's one had superseded, and that is another person's by now."""
    moments = {each.attached_at for each in numbers.values() if not each.ended_at}
    former = CnsNumber.objects.filter(person__in=list(numbers), ended_at__in=moments)
    owners = {each.number: each.person_id for each in former if each.ended_at == numbers[each.person_id].attached_at}
    taken = CnsNumber.objects.current().filter(number__in=list(owners)).values_list("number", "person_id")
    for number, holder in taken:
        if holder != owners[number]:
            yield Dependent(owners[number], "o CNS anterior já é de outra pessoa do cadastro", PERSON, holder)


def _decided(differences: Sequence[Difference]) -> Iterator[Dependent]:
    origins = [each.origin for each in differences]
    people = [each.person_id for each in differences]
    decided = Review.objects.filter(person__in=people, origin__in=origins)
    for review in decided.filter(status__in=[Review.Status.ACCEPTED, Review.Status.DISMISSED]).order_by("pk"):
        day = format_date(timezone.localtime(review.decided_at))
        sentence = f"a revisão que a conferência abriu foi {review.get_status_display()} em {day}"
        yield Dependent(review.person_id, sentence, PERSON, review.person_id)


def _ccos_used(file: ConferenceFile, differences: Sequence[Difference]) -> Iterator[Dependent]:
    """A CCO that the conference gave, by which a later one found the link and wrote something."""
    links = [each.beneficiary_id for each in differences if gave_cco(each)]
    people = [each.person_id for each in differences if gave_cco(each)]
    later = Difference.objects.filter(
        person__in=people, beneficiary__in=links, file__gt=file.pk, applied_at__isnull=False
    ).exclude(answer=REVERTED)
    for each in later.select_related("file").order_by("pk"):
        day = format_date(timezone.localtime(each.file.received_at))
        sentence = f"o CCO gravado no vínculo já foi usado pela conferência recebida em {day}"
        yield Dependent(each.person_id or 0, sentence, "sib:conference", each.file_id)


def _sent_to_ans(
    differences: Sequence[Difference], numbers: Mapping[int | None, str], since: datetime
) -> Iterator[Dependent]:
    for movement, what, person in _movements_with_numbers(IN_FILES, differences, numbers, since):
        file = movement.file
        if file and person:
            where = "já foi à ANS no" if file.sent_at else "está, ainda não enviado, no"
            yield Dependent(person, f"o {what} {where} arquivo {file.name}", "sib:sbx_file", file.pk)


def drafts_on(differences: Sequence[Difference], numbers: Mapping[int, CnsNumber], since: datetime) -> dict[int, int]:
    """Drafted movements that tell a number or a CCO of these differences, locked; whose, by their keys."""
    given = {person: number.number for person, number in numbers.items()}
    found = _movements_with_numbers(EDITABLE, differences, given, since, lock=True)
    return {movement.pk: person for movement, _, person in found if person}


def _movements_with_numbers(
    which: Q, differences: Sequence[Difference], numbers: Mapping[Any, str], since: datetime, *, lock: bool = False
) -> Iterator[tuple[Movement, str, int | None]]:
    """Movements with a number, by person, or a CCO that the conference gave: what it is, and whose."""
    given = {each.beneficiary_id: each for each in differences if gave_cco(each)}
    found = Movement.objects.filter(which, Q(person__in=numbers) | Q(beneficiary__in=given), created_at__gte=since)
    for each in (found.select_for_update() if lock else found.select_related("file")).order_by("pk"):
        link = given.get(each.beneficiary_id)
        if each.person_id in numbers and each.fields.get("cns") == numbers[each.person_id]:
            yield each, "CNS", each.person_id
        elif link and each.cco == link.cco:
            yield each, "CCO", link.person_id


NUMBER_OF_ANOTHER = {
    "field": "cns",
    "sentence": "O CNS deste rascunho não vale mais para a pessoa.",
    "mend": "Levante as movimentações de novo.",
}


def hold_drafts_with_number(person_id: int, number: str) -> None:
    """Drafts for ANS that say a number which is not the person's (beneficiaries.registry)."""
    drafts = Movement.objects.filter(EDITABLE, person=person_id, fields__cns=number)
    drafts.update(state=MovementState.HELD, problems=[NUMBER_OF_ANOTHER])


def gave_cco(difference: Difference) -> bool:
    return bool((difference.undo or {}).get("gave_cco"))

"""Nights with a conference, from the file to the registry, by the very task that a worker is given."""

from pathlib import Path

from bench.files import conference_file
from beneficiaries.models import CnsSource, Person
from beneficiaries.services import CnsOffer, attach_cns
from cnsportal.jobs import Status
from operators.context import operator_context
from sib.formats.cnx.conference import read
from sib.models import ConferenceFile
from sib.services import receive_file
from sib.tasks import process_file

SET = 2_000  # people


def first(operator_id: int, records: int) -> None:
    _night(operator_id, conference_file(records, 1))


def unchanged(operator_id: int, records: int) -> None:
    _night(operator_id, conference_file(records, 2))


def _night(operator_id: int, path: Path) -> None:
    """Received (hashed), staged, compared, rehearsed with its counts, applied."""
    with operator_context(operator_id):
        file, _ = receive_file(path, name=path.name, wants_apply=True)
    process_file(operator_id=operator_id, run_id=file.pk)
    with operator_context(operator_id):
        file.refresh_from_db()
    if file.status != Status.DONE:
        raise RuntimeError(f"the conference was not applied: {file.status} {file.failure}")


def outcomes() -> dict[str, int]:
    """Of the last conference."""
    found: dict[str, int] = ConferenceFile.objects.order_by("-pk").values_list("outcomes", flat=True)[0]
    return found


def decide_the_rest(records: int) -> int:
    """Attach, as the review desk would, what no night attaches by itself, so that the registry says what ANS says.

    Such as the names of newborns. How many there were.
    """
    without = dict(Person.objects.without_cns().values_list("links__cco", "pk"))
    with conference_file(records, 1).open("rb") as stream:
        offers = {without[record.cco]: record.cns for record in read(stream).records() if record.cco in without}
    wanted = [CnsOffer(person, number, CnsSource.REVIEW, origin="bench") for person, number in offers.items()]
    for place in range(0, len(wanted), SET):
        attach_cns(wanted[place : place + SET])
    return len(wanted)

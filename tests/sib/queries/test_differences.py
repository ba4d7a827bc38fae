"""The list of a conference's differences is read along the index, however many other conferences there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sib.domain.reconcile import Outcome
from sib.models import ConferenceFile, Difference
from sib.queries.differences import listed
from tests.factories import BeneficiaryFactory
from tests.sib.files import record

MANY = 2_000


@pytest.fixture
def files(bring):
    """Two conferences with as many differences each; the statistics know them."""
    link = BeneficiaryFactory()
    found = [bring(record(link, cns=None), sequence=number, apply=False) for number in (1, 2)]
    for file in found:
        Difference.objects.bulk_create(_difference(file, position) for position in range(MANY))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sib_difference")
    return found


def _difference(file: ConferenceFile, position: int) -> Difference:
    return Difference(
        operator_id=file.operator_id, file=file, position=position, part=1, line=1, outcome=Outcome.CNS_NEW.name
    )


def test_a_page_of_a_later_conference_reads_nothing_of_the_earlier(files):
    earlier, later = files
    last_of_earlier = earlier.differences.latest("pk").pk

    with CaptureQueriesContext(connection) as asked:
        shown, onward = listed(later, [Outcome.CNS_NEW.name], 25)

    assert (len(shown), shown[0].pk > last_of_earlier, onward.pk) == (25, True, shown[-1].pk)
    assert "difference_of_file" in _plan(asked.captured_queries[0]["sql"])


def _plan(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        return "".join(line for (line,) in cursor.fetchall())

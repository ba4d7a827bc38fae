"""The queue of questions as a file: what its page shows, in its order, in one query."""

import pytest
from django.urls import reverse

from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services import ask_cns
from cnsportal.jobs import Status
from operators.permissions import Role
from tests.exported_rows import names, rows
from tests.factories import BeneficiaryFactory
from tests.pages import signed_in


@pytest.fixture
def lookups(operator):
    """One that waits in the queue, one that could not be asked."""
    people = [BeneficiaryFactory(person__name=name).person for name in ("Benedita Exemplo", "Zulmira Exemplo")]
    ask_cns([each.pk for each in people], reason=LookupReason.WITHOUT_CNS, priority=Priority.BACKLOG)
    failed = Lookup.objects.get(person=people[1])
    Lookup.objects.filter(pk=failed.pk).update(status=Status.FAILED, outcome="COULD_NOT_ASK", failure="Fora do ar.")
    return Lookup.objects.get(person=people[0]), failed


def test_questions_are_told_as_their_page_tells_them(lookups, django_assert_num_queries):
    queued, failed = lookups

    with django_assert_num_queries(1):
        found = rows("lookups")

    told = {row[0]: row[2:] for row in found}
    assert told == {
        "Benedita Exemplo": ("na fila", None, "", "", "", "", queued.queued_at, "sistema", "sem CNS"),
        "Zulmira Exemplo": (
            "falhou", None, "não foi possível consultar", "", "", "Fora do ar.", failed.queued_at, "sistema", "sem CNS",
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    "query", ["", "situacao=QUEUED", "situacao=nada", "resultado=COULD_NOT_ASK", "prioridade=2&motivo=WITHOUT_CNS"]
)
def test_file_and_page_have_the_same_questions(operator, lookups, query):
    address = reverse("cadsus:lookups", args=[operator.registration])
    page = signed_in(operator, Role.CONSULTA).get(f"{address}?{query}").context["page"]

    assert names(rows("lookups", query)) == [lookup.person.name for lookup in page.rows]

"""Lookups run against a server with canned answers."""

from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services import run_lookup
from tests.cadsus import soap
from tests.cadsus.canned_server import Canned


def lookup_of(person, **fields):
    defaults = {"environment": "simulator", "reason": LookupReason.WITHOUT_CNS, "priority": Priority.BACKLOG}
    return Lookup.objects.create(operator_id=person.operator_id, person=person, **{**defaults, **fields})


def look_up(person):
    lookup = lookup_of(person)
    run_lookup(lookup.pk)
    lookup.refresh_from_db()
    return lookup


def answers(datasus, *subjects: str, **how):
    datasus.answers["/query"] = Canned(soap.reply(*subjects, **how))

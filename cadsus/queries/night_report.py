"""The DATASUS part of the night report (operators.registry)."""

from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from cadsus.models import Lookup
from cadsus.models.lookups import LookupOutcome
from cadsus.queries.expiring_credentials import certificate_warnings
from operators.registry import NightFacts

WORDS = {
    LookupOutcome.FOUND: "encontradas",
    LookupOutcome.SEVERAL: "mais de uma pessoa",
    LookupOutcome.REVIEW: "precisam de decisão",
    LookupOutcome.NOT_FOUND: "não encontradas",
    LookupOutcome.REFUSED: "recusadas",
    LookupOutcome.COULD_NOT_ASK: "não foi possível consultar",
}


def night_facts(since: datetime, until: datetime) -> NightFacts:
    ended = Lookup.objects.filter(finished_at__gt=since, finished_at__lte=until)
    counts = dict(ended.values_list("outcome").annotate(count=Count("pk")).order_by())
    lines = [
        [f"Consultas ao DATASUS: {words}", counts[outcome]] for outcome, words in WORDS.items() if counts.get(outcome)
    ]
    return {
        "lines": lines,
        "urgent": [f"{each.headline}. {each.advice}" for each in certificate_warnings(timezone.localtime())],
    }

"""A conference that changes several links, and its undo."""

from beneficiaries.models import CnsSource, PendingReason, Person
from beneficiaries.services import CnsOffer, attach_cns
from sib.services import process_conference
from sib.services.conferences.revert import request_revert
from tests.factories import BeneficiaryFactory, cns
from tests.sib.cns_numbers import hold
from tests.sib.files import record

NAME = "Maria Aparecida Exemplo Z"


def revert(file, actor=None):
    assert request_revert(file, actor=actor)
    process_conference(file.pk)
    file.refresh_from_db()
    return file


def links_by_kind():
    """Links by what the conference does to them."""
    kinds = ("new", "changed", "informed", "review", "other", "taken", "holder", "coded")
    links = {kind: BeneficiaryFactory(person__name=NAME, cco=None if kind == "coded" else f"{at:012d}")
             for at, kind in enumerate(kinds, 1)}  # fmt: skip
    hold(links["changed"], cns(1))
    hold(links["informed"], cns(2), CnsSource.INFORMED, verified=False)
    hold(links["holder"], cns(3))
    Person.objects.filter(pk=links["taken"].person_id).update(cns_answer=PendingReason.NOT_FOUND)
    return links


def records(people):
    return [
        record(people["new"], cns=cns(11)),
        record(people["changed"], cns=cns(12)),
        record(people["informed"], cns=cns(2)),
        record(people["review"], cns=cns(14), nome="MARIA A EXEMPLO Z"),
        record(people["other"], cns=cns(15), nome="OUTRA PESSOA QUALQUER"),
        record(people["coded"], cco="000000000777", cns=cns(16)),
    ]


def number_changed(people):
    attach_cns([CnsOffer(people["new"].person_id, cns(21), CnsSource.CADSUS)])
    return people["new"], "o CNS mudou depois"

"""Links that may have a card; numbers follow from a sequence."""

from itertools import count

from beneficiaries.models import CnsSource
from beneficiaries.services import WantedCns, attach_cns
from tests.factories import BeneficiaryFactory, cns

_numbers = count(5_000_000)


def give_cns(person, number=None):
    number = number or cns(next(_numbers))
    attach_cns([WantedCns(person.pk, number, CnsSource.CADSUS, kind="D", tier="A")])
    return number


def ready_link(**fields):
    """An active link whose person has a CNS."""
    link = BeneficiaryFactory(**fields)
    give_cns(link.person)
    return link

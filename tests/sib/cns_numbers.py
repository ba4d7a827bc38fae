"""What people of the registry hold, for the tests of the services."""

from beneficiaries.models import CnsNumber, CnsSource
from beneficiaries.services import CnsOffer, attach_cns


def number_of(link):
    return CnsNumber.objects.current().filter(person=link.person).values_list("number", "source", "verified").first()


def hold(link, number, source=CnsSource.CADSUS, *, verified=True):
    attach_cns([CnsOffer(link.person_id, number, source, verified=verified)])

"""Links that may have a card; numbers follow from a sequence."""

from itertools import count

from django.db import connection

from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from tests.factories import BeneficiaryFactory, cns

_numbers = count(5_000_000)


def give_cns(person, number=None):
    number = number or cns(next(_numbers))
    attach_cns([CnsOffer(person.pk, number, CnsSource.CADSUS, kind="D", tier="A")])
    return number


def ready_link(**fields):
    """An active link that a card may be issued for: all that the norm asks is told, and its person has a CNS."""
    link = BeneficiaryFactory(whole=True, **fields)
    give_cns(link.person)
    return link


def as_an_earlier_version(change):
    """Cards as they could only be if an earlier version had issued them: nothing of an issued card changes."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cards_card DISABLE TRIGGER card_life")
        cursor.execute(f"UPDATE cards_card SET {change}")
        cursor.execute("ALTER TABLE cards_card ENABLE TRIGGER card_life")

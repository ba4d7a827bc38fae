"""The own CNS of a staff member, looked up."""

from cadsus.services import ask_own_cns, run_own_cns_check
from tests.cadsus import soap
from tests.factories import UserFactory

NUMBER = soap.DEFINITIVE
NAME = "Clarice Fictícia"


def answered(person, actor=None):
    check = ask_own_cns(person, NUMBER, actor=actor or UserFactory())
    run_own_cns_check(check.pk)
    check.refresh_from_db()
    return check

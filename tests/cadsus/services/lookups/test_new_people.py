"""Somebody added by hand is asked about at once."""

import pytest

from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services.lookups.new_people import IN_FRONT, NO_CREDENTIAL, TOO_LITTLE, ask_about_new_person
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_without_a_certificate_in_use_the_page_says_what_is_missing(operator):
    assert ask_about_new_person(PersonFactory().pk, UserFactory()) == NO_CREDENTIAL
    assert Lookup.objects.count() == 0


def test_somebody_new_is_asked_about_in_front_of_all(credential):
    person, actor = PersonFactory(), UserFactory()

    assert ask_about_new_person(person.pk, actor) == IN_FRONT
    assert Lookup.objects.values_list("person", "priority", "reason", "requested_by").get() == (
        person.pk,
        Priority.INTERACTIVE,
        LookupReason.REQUESTED,
        actor.pk,
    )


def test_of_whom_too_little_is_known_nothing_is_asked(credential):
    person = PersonFactory(cpf=None, mother_name="")

    assert ask_about_new_person(person.pk, UserFactory()) == TOO_LITTLE
    assert Lookup.objects.count() == 0

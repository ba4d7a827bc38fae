"""The limit of tries of a digital link, held by the database."""

import pytest
from django.db import IntegrityError

from cards.models import CardLink, Validity
from cards.services import issue_cards
from cards.services.digital_links import make_link
from tests.cards.factories import ready_link
from tests.factories import UserFactory


@pytest.fixture
def card(operator):
    return issue_cards([ready_link(person__email="camila@example.invalid").pk]).cards[0]


def test_the_database_lets_no_link_be_tried_more_often_than_five_times(card):
    link = make_link(card, Validity.DAY, actor=UserFactory()).link

    with pytest.raises(IntegrityError):
        CardLink.objects.filter(pk=link.pk).update(wrong_dates=6)

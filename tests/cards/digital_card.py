"""A card with a link to it, as its holder opens it."""

from datetime import date

from django.core.cache import cache

from cards.models import Validity
from cards.services import issue_cards
from cards.services.digital_links import make_link
from operators.context import operator_context
from operators.models import AuditEvent
from tests.cards.factories import ready_link
from tests.factories import OperatorFactory, UserFactory

BORN = date(1984, 2, 29)
RIGHT = f"{BORN:%d/%m/%Y}"


class LinkedCard:
    """An operator, one card, a link to it; looked at from outside any context."""

    def __init__(self, dress=None) -> None:
        """``dress`` gives the operator a theme."""
        cache.clear()
        self.operator = OperatorFactory(trade_name="Saúde Aurora", phone="0800 000 000")
        with operator_context(self.operator.pk):
            if dress:
                dress(self.operator)
            link = ready_link(person__name="Camila Martins de Carvalho", person__birth_date=BORN)
            self.card = issue_cards([link.pk]).cards[0]
            made = make_link(self.card, Validity.MONTH, actor=UserFactory())
        self.link, self.path = made.link, made.address.removeprefix("http://127.0.0.1:8000")

    def here(self):
        return operator_context(self.operator.pk)

    def opened(self, phone):
        return phone.post(self.path, {"birth_date": RIGHT}, follow=True)

    def pages(self):
        return f"/c/aberto/{self.link.record}/"

    def trail(self):
        with self.here():
            events = AuditEvent.objects.filter(source=f"cards.cardlink:{self.link.pk}").order_by("pk")
            return list(events.values_list("kind", flat=True))

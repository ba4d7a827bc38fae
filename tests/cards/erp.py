"""An operator's ERP at the API of cards."""

from django.test import Client
from rest_framework.authtoken.models import Token

from operators.context import operator_context
from operators.permissions import Role
from tests.cards.factories import ready_link
from tests.factories import MembershipFactory, OperatorFactory


class Erp:
    """An operator's ERP with one role, and a beneficiary who may have a card."""

    def __init__(self, role=Role.EMISSAO) -> None:
        self.operator = OperatorFactory()
        with self.here():
            self.link = ready_link()
        self.user = MembershipFactory(operator=self.operator, role=role).user
        self.token = Token.objects.create(user=self.user).key

    def here(self):
        return operator_context(self.operator.pk)

    def ask(self, path, method="get", **headers):
        address = f"/o/{self.operator.registration}/api/v1/{path}"
        return getattr(Client(), method)(address, headers={"Authorization": f"Token {self.token}", **headers})

    def card(self, tail="", link=None):
        return self.ask(f"beneficiarios/{(link or self.link).code}/cartao/{tail}")

    def issue(self, key="pedido-1", link=None):
        path = f"beneficiarios/{(link or self.link).code}/cartao/emitir/"
        return self.ask(path, "post", **({"Idempotency-Key": key} if key else {}))

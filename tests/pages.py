"""Somebody at a browser: signed in, with roles at an operator."""

import time
from html.parser import HTMLParser

from django.test import Client

from operators.models import Operator
from operators.permissions import Role
from tests.factories import MembershipFactory, UserFactory

STAFF_PASSWORD = "uma-senha-bem-longa"


def browser(**options) -> Client:
    """Of somebody who has not signed in."""
    return Client(**options)


def signed_in(operator: Operator, *roles: Role) -> Client:
    """A browser of a new member of the staff."""
    user = UserFactory()
    for role in roles:
        MembershipFactory(user=user, operator=operator, role=role)
    client = browser()
    client.force_login(user)
    client.user = user
    return client


def confirmed(client: Client) -> Client:
    """Somebody signed in, who has just typed the password once more."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(client.user.pk)
    session.save()
    return client


def cookies_of(user, address: str) -> list[dict[str, str]]:
    """What a browser that the user has signed in with brings to the site of this address."""
    client = browser()
    client.force_login(user)
    return [{"name": name, "value": cookie.value, "url": address} for name, cookie in client.cookies.items()]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def text_of(response) -> str:
    """What a reader of the page reads, blanks brought to one."""
    parser = _Text()
    parser.feed(response.content.decode())
    return " ".join(" ".join(parser.pieces).split())


def filled_in(client, page, **changes):
    """The form of the page as it came, with some fields written over."""
    form = client.get(page).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (fields | changes).items() if value not in (None, False)}

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from operators.commands import OperatorCommand, Refused
from operators.models import User
from operators.permissions import Role
from operators.services import admit


class Command(OperatorCommand):
    help = "Dá a uma pessoa um ou mais papéis na operadora; cria a conta se ela ainda não existe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, help="papel (repita)")
        parser.add_argument("--name", default="", help="nome da pessoa")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        first, _, last = options["name"].partition(" ")
        password = None if User.objects.filter(email__iexact=options["email"]).exists() else _new_password()
        roles = [Role(role) for role in options["role"]]
        user = admit(self.operator, options["email"], roles, password, first_name=first, last_name=last)
        return {"email": user.email, "roles": options["role"]}


def _new_password() -> str:
    """From STAFF_PASSWORD, else asked for; refused when it is too easy."""
    password = os.environ.get("STAFF_PASSWORD") or getpass("Senha da nova conta: ")
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    return password

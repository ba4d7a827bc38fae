from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from operators.management.base import CommandRefused, OperatorCommand, secret_given
from operators.models import User
from operators.permissions import Role
from operators.queries.unconfirmed_addresses import AddressInDoubt, clean
from operators.services.access import grant_roles


class Command(OperatorCommand):
    help = "Dá a uma pessoa um ou mais papéis na operadora; cria a conta se ela ainda não existe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, help="papel (repita)")
        parser.add_argument("--name", default="", help="nome da pessoa")
        parser.add_argument(
            "--address-checked",
            action="store_true",
            help="você conferiu com a pessoa que a conta com este e-mail é dela",
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        email = _cleaned(options["email"])
        first, _, last = options["name"].partition(" ")
        roles = [Role(role) for role in options["role"]]
        try:
            user = grant_roles(
                self.operator,
                email,
                roles,
                self._password(email),
                address_checked=options["address_checked"],
                first_name=first,
                last_name=last,
            )
        except AddressInDoubt as error:
            raise CommandRefused(str(error)) from error
        return {"email": user.email, "roles": options["role"]}

    def _password(self, email: str) -> str | None:
        if not User.objects.filter(email=email).exists():
            return _new_password()
        self.stderr.write("A conta já existia: a senha dela continua a mesma.")
        return None


def _cleaned(email: str) -> str:
    try:
        return clean(email)
    except ValidationError as error:
        raise CommandRefused(" ".join(error.messages)) from error


def _new_password() -> str:
    """From STAFF_PASSWORD, else asked for; refused when it is too easy."""
    password = secret_given("STAFF_PASSWORD") or getpass("Senha da nova conta: ")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandRefused(" ".join(error.messages)) from error
    return password

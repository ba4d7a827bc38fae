"""E-mail addresses that accounts claimed on a page that no longer exists, and that nobody has confirmed since."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db.models import Q, QuerySet

from operators.models import Operator, User

_NOT_AN_ADDRESS = "não é um endereço de e-mail: confira o @ e o domínio; letras, só sem acento."


class AddressInDoubt(Exception):
    """The sentence names the accounts by their numbers alone."""


def clean(email: str) -> str:
    """As accounts keep it. Raises ValidationError.

    Letters of ASCII alone: others have capitals in common with them (ı and i, K and the sign of kelvin), and to the
    database the address of one person would be that of another.
    """
    address = email.strip()
    if not address.isascii():
        raise ValidationError(f"{address} {_NOT_AN_ADDRESS}")
    EmailValidator(message=f"{address} {_NOT_AN_ADDRESS}")(address)
    return address.lower()


def unproven() -> QuerySet[Any]:
    """All of them: what an administrator has to look at."""
    found: QuerySet[Any] = EmailAddress.objects.filter(verified=False)
    return found


def claims(email: str, user: User | None) -> QuerySet[Any]:
    """Who else claims the address, and whether its own account took it by itself."""
    same: QuerySet[Any] = EmailAddress.objects.filter(email__iexact=email)
    return same.filter(Q(verified=False) | ~Q(user=user)) if user else same


def doubt(email: str, accounts: Iterable[int]) -> AddressInDoubt:
    numbers = sorted(set(accounts))
    places = Operator.objects.filter(memberships__user__in=numbers).distinct().order_by("registration")
    where = ", ".join(places.values_list("registration", flat=True)) or "nenhuma operadora"
    return AddressInDoubt(
        f"O endereço {email} foi posto, sem confirmação, na conta {', '.join(map(str, numbers))} "
        f"(acesso a: {where}). Confira com a pessoa se a conta é dela; se for, repita com --address-checked."
    )

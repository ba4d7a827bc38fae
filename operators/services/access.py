"""Access of the staff: who is admitted to an operator, in which roles, under which address."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from operators.audit import Event, EventKind, record
from operators.context import operator_context
from operators.models import Membership, Operator, User
from operators.permissions import Role
from operators.queries.unconfirmed_addresses import claims, clean, doubt


@transaction.atomic
def grant_roles(
    operator: Operator,
    email: str,
    roles: Iterable[Role],
    password: str | None = None,
    *,
    address_checked: bool = False,
    **names: str,
) -> User:
    """Give a person these roles at the operator, and an account where there is none; the password only then.

    Raises AddressInDoubt where an account claims the address by itself, unless somebody has asked the person, and
    ValidationError where it is none.
    """
    email = clean(email)
    user = User.objects.filter(email=email).first()
    claimed = list(claims(email, user).values_list("user_id", flat=True))
    if claimed and not address_checked:
        raise doubt(email, claimed)
    user = user or User.objects.create_user(email, password, **names)
    _settle_address(email, user)
    fresh = [Membership(user=user, operator=operator, role=role) for role in roles]
    Membership.objects.bulk_create(fresh, ignore_conflicts=True)
    with operator_context(operator.pk):
        data: dict[str, Any] = {"roles": [str(membership.role) for membership in fresh]}
        if claimed:
            data["address_checked"] = address_checked
        record([Event(EventKind.STAFF_ADMITTED, "user", user.pk, data=data)])
    return user


def _settle_address(email: str, user: User) -> None:
    """An administrator has asked the person: the address is this account's and no other's."""
    claims(email, user).exclude(user=user).delete()
    EmailAddress.objects.filter(email__iexact=email, user=user).update(verified=True)

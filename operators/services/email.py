"""E-mails to an operator's administrators, or to one address: plain text and HTML, no personal data."""

from collections.abc import Sequence
from email.utils import formataddr
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from operators.context import current_operator_id
from operators.models import User
from operators.permissions import Role

MAIL_ERRORS = (OSError, SMTPException)
"""What sending may end in when the mail server is away or refuses; to be tried again."""


def administrators() -> list[User]:
    here = User.objects.filter(
        is_active=True, memberships__operator=current_operator_id(), memberships__role=Role.ADMINISTRACAO
    )
    return list(here.order_by("pk").distinct())


def send_admin_mail(subject: str, template: str, words: dict[str, Any], to: Sequence[User | str]) -> None:
    """``template`` without its ending: there is a ``.txt`` and a ``.html``. Raises one of MAIL_ERRORS."""
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"{template}.txt", words),
        to=[person if isinstance(person, str) else formataddr((str(person), person.email)) for person in to],
    )
    message.attach_alternative(render_to_string(f"{template}.html", words), "text/html")
    message.send()

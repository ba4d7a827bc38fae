"""The adapter of django-allauth: nobody signs up alone, and no answer reveals who has an account."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.http import HttpRequest

from operators.services.email import MAIL_ERRORS

logger = structlog.get_logger(__name__)
_post = ThreadPoolExecutor(max_workers=1, thread_name_prefix="account-letters")


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth's signature)
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Beside the request: neither the answer nor its time may show who has an account (user enumeration)."""
        here = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        _post.submit(_send, self.render_mail(template_prefix, email, {**here, **context}))


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except MAIL_ERRORS as error:
        logger.warning("account_letter_not_sent", error=type(error).__name__)

"""The Celery application. Workers run ``celery -A cnsportal worker``; tasks live in each app's tasks.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.utils.functional import SimpleLazyObject

from cnsportal.conf.startup import checked_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cnsportal.settings")

app = Celery("cnsportal")
app.config_from_object(SimpleLazyObject(checked_settings), namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def configure_logging(**_: Any) -> None:
    """Being connected is what keeps Celery from replacing the logging of the settings, which redacts."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)

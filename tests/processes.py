"""Processes of the portal beside the test."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from tests.paths import ROOT


@contextmanager
def portal_process(*arguments: str, **environment):
    """A process of the portal, on the database and the broker of this test."""
    database = settings.DATABASE_URL.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    services = {"DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, **environment}
    running = subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **services}, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)

"""The configuration that gunicorn reads by itself."""

import subprocess
import sys
from typing import Any

logger_class = "cnsportal.conf.gunicorn_logs.RedactedLogger"
umask = 0o077  # as cnsportal.settings sets it: gunicorn would set its own


def on_starting(_server: Any) -> None:
    """Look at the settings before any worker does, who would each die of a wrong one with a traceback.

    In a process of its own: the master must not hold modules that a reload is to read again.
    """
    check = "from cnsportal.conf.startup import checked_settings; checked_settings()"
    checked = subprocess.run([sys.executable, "-c", check], check=False)
    if checked.returncode:
        sys.exit(checked.returncode)

"""The start of every process: an invalid setting ends it with one sentence and no traceback."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.conf import LazySettings, settings
from django.core.exceptions import ImproperlyConfigured

WRONG_SETTING_EXIT_CODE = 2  # exit code, as for any other wrong usage


@contextmanager
def one_sentence() -> Iterator[None]:
    """Ends the process where the block finds a setting wrong; the sentence is the last thing on stderr."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(WRONG_SETTING_EXIT_CODE) from None


def checked_settings() -> LazySettings:
    """The settings, once they and the apps' own demands on them hold."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cnsportal.settings")
    gc.disable()  # nothing that is imported is garbage: looking for it took a sixth of the start
    with one_sentence():
        django.setup()
    gc.freeze()  # nor is it ever looked through again
    gc.enable()
    return settings

#!/usr/bin/env python
"""Django's command line; by itself it starts, or joins, the embedded database and broker."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cnsportal.settings")
    from django.core.management import execute_from_command_line

    from cnsportal.starting import one_sentence

    with one_sentence():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

#!/usr/bin/env python
"""Django's command line; it also starts, or joins, the embedded database and broker."""

import sys


def main() -> None:
    from django.core.management import execute_from_command_line

    from cnsportal.conf.startup import checked_settings

    checked_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

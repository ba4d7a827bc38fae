"""Production as it is set up: run by ``make check``, and by hand before a release.

Django's ``check --deploy`` finds nothing, and no command of the demonstration is known.
"""

import os
import subprocess
import sys

from tests.paths import ROOT

PRODUCTION = {
    "CNSPORTAL_PRODUCTION": "true",
    "CNSPORTAL_SECRET_KEY": "somente-para-a-conferencia-0123456789-abcdefghijklmnopqrstuvwxyz",
    "CADSUS_KEK": "v1:QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUI=",
    "DATABASE_URL": "postgresql://localhost/nobody",
    "REDIS_URL": "redis://localhost/0",
    "CADSUS_ENVIRONMENT": "production",
    "CNSPORTAL_URL": "https://portal.exemplo.com.br",
}
DEMONSTRATION = {path.stem for path in (ROOT / "demo" / "management" / "commands").glob("[a-z]*.py")}


def main() -> int:
    checked = _manage("check", "--deploy", "--fail-level", "WARNING")
    if checked.returncode:
        return checked.returncode
    known = _manage("help", "--commands", stdout=subprocess.PIPE).stdout.decode().split()
    if practice := DEMONSTRATION.intersection(known) or not known:
        sys.stderr.write(f"Production knows commands of the demonstration, or none at all: {practice}\n")
        return 1
    return 0


def _manage(*arguments: str, **options: int) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env={**os.environ, **PRODUCTION}, check=False, **options
    )


if __name__ == "__main__":
    sys.exit(main())

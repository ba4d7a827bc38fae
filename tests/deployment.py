"""``check --deploy`` with the settings of production: run by ``make check``, and by hand before a release."""

import os
import subprocess
import sys

PRODUCTION = {
    "CNSPORTAL_PRODUCTION": "true",
    "CNSPORTAL_SECRET_KEY": "somente-para-a-conferencia-0123456789-abcdefghijklmnopqrstuvwxyz",
    "CADSUS_KEK": "v1:QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUI=",
    "DATABASE_URL": "postgresql://localhost/nobody",
    "REDIS_URL": "redis://localhost/0",
    "CADSUS_ENVIRONMENT": "production",
    "CNSPORTAL_URL": "https://portal.exemplo.com.br",
}


def main() -> int:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, env={**os.environ, **PRODUCTION}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

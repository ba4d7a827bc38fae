"""The environment of the suite, set before Django's settings are read: a data folder of its own, no rate limit.

Where pytest runs in several processes, each has a folder, and so a database and a broker, of its own.
"""

import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests import instances

if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # it inherits what the process set that started it
    os.environ["CNSPORTAL_DATA"] = str(instances.DATA / worker)
os.environ.setdefault("CNSPORTAL_DATA", str(instances.DATA))
os.environ.setdefault("CADSUS_RATE", "0")
if "PYTEST_DEBUG_TEMPROOT" not in os.environ:  # where two suites share one, each shuts the other's PostgreSQL out of it
    own = Path(tempfile.gettempdir(), f"pytest-{sha256(os.environ['CNSPORTAL_DATA'].encode()).hexdigest()[:8]}")
    own.mkdir(mode=0o711, exist_ok=True)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(own)
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):  # hundreds of processes would compile the portal each
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(instances.DATA / "bytecode")
if "DATABASE_URL" not in os.environ:
    instances.migrate(Path(os.environ["CNSPORTAL_DATA"]))

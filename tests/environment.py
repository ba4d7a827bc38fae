"""The environment of the suite, set before Django's settings are read: a data folder of its own, no rate limit."""

import os
from pathlib import Path

os.environ.setdefault("CNSPORTAL_DATA", str(Path(__file__).resolve().parent.parent / ".data" / "tests"))
os.environ.setdefault("CADSUS_RATE", "0")

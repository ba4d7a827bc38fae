"""The data folder of the bench, apart from the portal's own; to be set before Django is."""

import os
from pathlib import Path


def prepare() -> None:
    """Set up Django on ``BENCH_DATA`` (default ``.data/bench``), as in a worker of Celery."""
    data = os.environ.get("BENCH_DATA", Path(__file__).resolve().parent.parent / ".data" / "bench")
    os.environ["CNSPORTAL_DATA"] = str(data)
    os.environ.setdefault("CNSPORTAL_LOG_LEVEL", "WARNING")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cnsportal.settings")
    from cnsportal.celery import app

    app.loader.import_default_modules()

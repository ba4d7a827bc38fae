"""What two processes read together is what one reads alone, wherever the stretches meet and whoever is left."""

import io
import os
import select
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beneficiaries.invented import invent
from sib import cnx, companion, decoding, tandem
from sib.companion import Stretch
from sib.rows import Rows, as_rows
from sib.synthetic import conference
from sib.tandem import Tandem
from sib.writing import Heading, write_cnx
from tests.sib.hostility import KINDS
from tests.sib.test_plain import file_of

CNX = Path(__file__).resolve().parent.parent / "data" / "cnx"
CLOSED, OPENED = "</ansParaOperadora></mensagem>", "<mensagem><ansParaOperadora>"
PIECES = [b"<", b"&", b"<!-- ", b"-->", b"\0", b"</beneficiario>"]
MANY = file_of(conference(invent(40, seed=5)))


@pytest.fixture(autouse=True, scope="module")
def small():
    """Stretches of some records, and a companion from the first of them on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "CHUNK", 1500)
        patch.setattr(tandem, "ALONE", 1)
        yield


@pytest.fixture
def answers(monkeypatch):
    """Whether the companion's answers were of use, one after the other."""
    told = []
    skip = cnx.Conference.skip
    answer = companion.Companion.answer

    def noted_answer(self):
        told.append(False)
        return answer(self)

    def noted_skip(self, text, counted):
        told[-1] = True
        return skip(self, text, counted)

    monkeypatch.setattr(companion.Companion, "answer", noted_answer)
    monkeypatch.setattr(cnx.Conference, "skip", noted_skip)
    return told


@pytest.fixture
def started(monkeypatch):
    """Process numbers of the companions, as they begin."""
    numbers = []

    class Noted(companion.Companion):
        def __init__(self) -> None:
            super().__init__()
            numbers.append(self._process.pid)

    monkeypatch.setattr(tandem, "Companion", Noted)
    return numbers


def together(data):
    """Rows, hash and refusal, read by two."""
    return _outcome(data, lambda found: Tandem(found, part=2, first=11).rows())


def alone(data):
    return _outcome(data, lambda found: [as_rows(found.records(), part=2, first=11)])


def _outcome(data, rows):
    try:
        found = cnx.read(io.BytesIO(data))
        return _joined(rows(found)), found.header, found.hash_state
    except cnx.NotCnx as refusal:
        return refusal.sentence, refusal.line, refusal.column


def _joined(pieces):
    texts, counts, issues = zip(Rows("", 0, 0), *pieces, strict=True)
    return "".join(texts), sum(counts), sum(issues)


def test_two_read_what_one_reads(answers):
    assert together(MANY) == alone(MANY)
    assert answers.count(False) <= 1  # the last one is asked of what follows the records


@pytest.mark.parametrize("path", sorted(CNX.glob("*.cnx")), ids=lambda path: path.stem)
def test_every_sample_is_read_alike(path):
    data = path.read_bytes()

    assert together(data) == alone(data)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.is_heavy], ids=lambda kind: kind.name)
def test_the_hostile_are_read_alike(kind):
    data = kind.make()

    assert together(data) == alone(data)


@pytest.mark.parametrize(
    "between",
    [
        "<!-- </beneficiario> -->",
        "<!-- " + 200 * "</beneficiario>" + " -->",
        "<outro>" + 3000 * "x" + "</outro>",
        "</conferencia><conferencia>",
        "</conferencia><outro>1</outro><conferencia>",
        f"</conferencia>{CLOSED}<epilogo><hash>0</hash></epilogo>{OPENED}<conferencia>",
        "<beneficiario cco='1'><![CDATA[</beneficiario>]]></beneficiario>",
        "<beneficiario cco='1'>&nada;</beneficiario>",
        "<beneficiario>",
        "</mensagemSIB>",
    ],
)
@pytest.mark.parametrize("place", range(1, 40, 6))
def test_what_stands_between_records_is_read_alike(between, place):
    pieces = MANY.split(b"</beneficiario>")
    pieces[place] = between.encode() + pieces[place]
    data = b"</beneficiario>".join(pieces)

    assert together(data) == alone(data)


@given(
    place=st.integers(0, len(MANY) - 1),
    piece=st.sampled_from([b"<", b"&", b"<!-- ", b"-->", b"\0", b"</beneficiario>"]),
)
@example(place=len(MANY) - 1, piece=b"")
@settings(max_examples=60)
def test_damage_is_told_alike(place, piece):
    data = MANY[:place] + piece + MANY[place + 1 :]

    assert together(data) == alone(data)


def test_a_cut_file_is_refused_alike():
    for end in range(2000, len(MANY), 3333):
        assert together(MANY[:end]) == alone(MANY[:end])


def test_the_worker_goes_on_alone_when_its_companion_is_killed(answers, started):
    pieces = Tandem(cnx.read(io.BytesIO(MANY)), part=2, first=11).rows()
    begun = [next(pieces) for _ in range(5)]

    os.kill(started[0], signal.SIGKILL)
    rows = _joined(chain(begun, pieces))

    assert rows == alone(MANY)[0]
    assert answers[-1] is False


def test_no_companion_outlives_the_reading(started):
    pieces = Tandem(cnx.read(io.BytesIO(MANY)), part=2, first=11).rows()
    next(pieces)
    next(pieces)

    pieces.close()

    assert [Path(f"/proc/{pid}").exists() for pid in started] == [False]


WORKER = """
import time
from sib.companion import Companion
companion = Companion()
print(companion._process.pid, flush=True)
time.sleep(600)
"""


def test_no_companion_outlives_a_worker_that_is_killed():
    worker = subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, cwd=CNX.parents[2])
    companion = os.pidfd_open(int(worker.stdout.readline()))

    worker.kill()
    worker.communicate()

    ended, _, _ = select.select([companion], [], [], 60)
    os.close(companion)
    assert ended == [companion]


def test_a_small_file_is_read_by_one(monkeypatch, answers):
    monkeypatch.setattr(tandem, "ALONE", 1000)

    assert together(MANY) == alone(MANY)
    assert answers == []


def test_a_stretch_that_says_more_than_records_is_not_answered():
    told = MANY[MANY.index(b"<conferencia>") + len(b"<conferencia>") :]
    record = told[: told.index(b"</beneficiario>") + len(b"</beneficiario>")].decode("iso-8859-1")

    def answered(text):
        return companion.read(Stretch(text, 1, 1, 1)) is not None

    assert [answered(record), answered(record + "<!--"), answered(f"{record}</conferencia><a>1</a><conferencia>")] == [
        True,
        False,
        False,
    ]


def test_lines_are_those_of_the_file(answers):
    stream = io.BytesIO()
    write_cnx(stream, Heading("999999", 1, "2026-11-01T03:12:45"), conference(invent(60, seed=6)))
    data = stream.getvalue().replace(b"<sexo>1</sexo>", b"<sexo>7</sexo>")

    rows = together(data)[0][0]

    lines = [int(row.rsplit("\t", 1)[1]) for row in rows.splitlines()]
    text = data.decode("iso-8859-1").split("\n")
    assert all("<beneficiario " in text[line - 1] for line in lines)
    assert (True in answers, rows) == (True, alone(data)[0][0])

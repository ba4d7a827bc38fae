"""No file, however broken, odd or hostile, crashes, hangs, fills the memory or leaves anything half done."""

import json
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from beneficiaries.models import Beneficiary, CnsNumber, Person
from cnsportal.jobs import Status
from sib.models import CnxStep, ConferenceFile, Difference, MirrorChange, MirrorRecord, RowIssue
from sib.services import process_conference, receive_file
from tests.factories import BeneficiaryFactory, OperatorFactory
from tests.paths import ROOT
from tests.sib.hostile_files import GOOD, KINDS, REGISTRATION, Kind
from tests.sib.reading_cost import outcome
from tests.sib.tables import staging_tables_left

MEMORY = 300  # MiB
PATIENCE = 60  # seconds of processor
LIGHT = [kind for kind in KINDS if not kind.is_heavy]


def test_corpus_is_great_enough_and_names_each_kind_once():
    names = Counter(kind.name for kind in KINDS)

    assert len(KINDS) >= 60
    assert set(names.values()) == {1}


def _bytes(kind, tmp_path):
    path = tmp_path / "a.cnx"
    path.write_bytes(kind.make())
    return path


@pytest.mark.parametrize("kind", LIGHT, ids=lambda kind: kind.name)
def test_reader_comes_to_the_right_end(kind, tmp_path):
    sentence, records, issues = outcome(_bytes(kind, tmp_path))

    if "operador" in kind.refused:  # whose file it is, the reader leaves to others
        assert sentence == ""
        return
    assert (sentence[: len(kind.refused)], bool(sentence)) == (kind.refused, bool(kind.refused))
    assert (records, issues) == (kind.records, kind.issues)


@pytest.fixture
def ours(db):
    """The operator of the corpus, with somebody in its registry."""
    from operators.context import operator_context

    operator = OperatorFactory(registration=REGISTRATION)
    with operator_context(operator.pk):
        BeneficiaryFactory(cco="000000000555")
        yield operator


def kept():
    models = (Person, Beneficiary, CnsNumber, Difference, RowIssue, MirrorRecord, MirrorChange)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.parametrize("kind", LIGHT, ids=lambda kind: kind.name)
def test_whole_road_ends_in_a_rehearsal_or_in_one_sentence_with_nothing_changed(kind, tmp_path, ours):
    before = kept()
    file, _ = receive_file(_bytes(kind, tmp_path), name="a.cnx", wants_apply=False)

    process_conference(file.pk)

    file.refresh_from_db()
    assert staging_tables_left() == []
    if kind.refused:
        assert (file.status, file.step, kept()) == (Status.FAILED, CnxStep.REFUSED, before)
        assert file.failure.startswith(kind.refused)
    else:
        assert (file.status, file.step, file.records) == (Status.WAITING, CnxStep.REHEARSED, kind.records)
        assert set(RowIssue.objects.values_list("field", flat=True)) == kind.issues


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.is_heavy], ids=lambda kind: kind.name)
def test_heavy_files_take_little_memory_and_time(kind, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.sib.reading_cost", str(_bytes(kind, tmp_path))],
        capture_output=True, check=True, timeout=300, cwd=ROOT,
    )  # fmt: skip

    told = json.loads(done.stdout)
    assert told["sentence"].startswith(kind.refused)
    assert told["records"] == kind.records
    assert told["peak"] < MEMORY
    assert told["seconds"] < PATIENCE


# ---- whatever one does to a good file -------------------------------------------------------------------------------

GOOD_BYTES = GOOD.encode("iso-8859-1")


@st.composite
def mutations(draw):
    """A good file of which a few pieces were flipped, taken out, put in or doubled."""
    data = bytearray(GOOD_BYTES)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(data) - 1)))
        end = min(len(data), start + draw(st.integers(1, 200)))
        mutation = draw(st.sampled_from(["flip", "take", "put", "double"]))
        if mutation == "flip" and data:
            data[start] ^= 1 << draw(st.integers(0, 7))
        elif mutation == "take":
            del data[start:end]
        elif mutation == "put":
            data[start:start] = draw(st.binary(min_size=1, max_size=40))
        else:
            data[start:start] = data[start:end]
    return bytes(data)


@effort(max_examples=600)
@given(data=mutations())
def test_any_mutation_ends_in_records_or_in_one_sentence(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("mutations") / "a.cnx"
    path.write_bytes(data)

    sentence, records, _ = outcome(path)

    assert sentence.endswith(".") if sentence else records >= 0


@effort(max_examples=300)
@given(data=st.binary(max_size=2000))
def test_any_bytes_are_refused_with_one_sentence(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("bytes") / "a.cnx"
    path.write_bytes(data)

    assert outcome(path)[0].endswith(".")


def test_a_refused_file_may_be_followed_by_a_good_one(ours, tmp_path):
    for name, body in (("a.cnx", GOOD_BYTES[:-30]), ("b.cnx", GOOD_BYTES)):
        path = tmp_path / name
        path.write_bytes(body)
        process_conference(receive_file(path, name=name, wants_apply=False)[0].pk)

    assert list(ConferenceFile.objects.order_by("pk").values_list("step", flat=True)) == [
        CnxStep.REFUSED,
        CnxStep.REHEARSED,
    ]


def test_a_kind_tells_either_an_end_or_a_refusal():
    assert [kind.name for kind in KINDS if kind.refused and (kind.records or kind.issues)] == []
    assert all(isinstance(kind, Kind) for kind in KINDS)

"""The mirror of a great first conference is filled while the conference is read; here, great is four records."""

import gzip
import os
import zipfile

import pytest

from operators.context import operator_context
from sib.formats import encoding
from sib.models import ConferenceFile, MirrorRecord
from sib.services import process_conference, receive_file
from sib.services.conferences import mirror, stage
from sib.services.conferences import receive as receiving
from sib.services.conferences.receive import content_digest
from tests.factories import BeneficiaryFactory, OperatorFactory, cns
from tests.sib.files import conference, record

GREAT = 4


@pytest.fixture
def operator(transactional_db):
    operator = OperatorFactory()
    with operator_context(operator.pk):
        yield operator


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(stage, "CHUNK_SIZE", GREAT)
    monkeypatch.setattr(encoding, "CHUNK_BYTES", 500)  # bytes: each record by itself
    monkeypatch.setattr(mirror, "LARGE_FILE_RECORDS", GREAT)


@pytest.fixture
def filled(monkeypatch):
    """The ranges that were filled ahead."""
    ranges = []
    fill = mirror._fill_range

    def noted(file, first, last):
        ranges.append((first, last))
        return fill(file, first, last)

    monkeypatch.setattr(mirror, "_fill_range", noted)
    return ranges


def bring(operator, path, *records: str, end=None):
    path = conference(path, *records, registration=operator.registration)
    path.write_bytes(path.read_bytes()[:end])
    file, _ = receive_file(path, name=path.name, wants_apply=False)
    process_conference(file.pk)
    file.refresh_from_db()
    return file


def mirrored():
    return dict(MirrorRecord.objects.values_list("cco", "cns"))


def records_of(links):
    return [record(link, cns=cns(index)) for index, link in enumerate(links)]


@pytest.mark.parametrize(("count", "ranges"), [(3, []), (4, [(1, 4)]), (10, [(1, 4), (5, 8), (9, 10)])])
def test_a_great_conference_is_mirrored_as_a_small_one(operator, tmp_path, small, filled, count, ranges):
    links = BeneficiaryFactory.create_batch(count)

    bring(operator, tmp_path / "a.cnx", *records_of(links))

    assert mirrored() == {link.cco: cns(index) for index, link in enumerate(links)}
    assert filled == ranges


def test_of_a_cco_that_stands_twice_the_last_update_is_kept(operator, tmp_path, small):
    links = BeneficiaryFactory.create_batch(6)
    twice = record(links[0], cns=cns(100), dataAtualizacao="2026-11-02")

    bring(operator, tmp_path / "a.cnx", *records_of(links), twice)

    assert mirrored() == {link.cco: cns(index or 100) for index, link in enumerate(links)}


def test_a_conference_that_is_cut_leaves_nothing(operator, tmp_path, small, filled):
    links = BeneficiaryFactory.create_batch(10)

    file = bring(operator, tmp_path / "a.cnx", *records_of(links), end=-200)

    assert (file.status, filled[0], mirrored()) == ("FAILED", (1, 4), {})


def test_what_a_first_conference_left_that_came_to_no_end_makes_room(operator, tmp_path, small):
    links = BeneficiaryFactory.create_batch(10)
    unended = bring(operator, tmp_path / "a.cnx", *records_of(links))
    ConferenceFile.objects.filter(pk=unended.pk).update(mirrored_at=None)

    bring(operator, tmp_path / "b.cnx", *records_of(links[:5]))

    assert mirrored() == {link.cco: cns(index) for index, link in enumerate(links[:5])}


def test_a_content_is_known_however_it_is_packed(tmp_path):
    content = os.urandom(9 << 20)
    plain, packed, archive = (tmp_path / name for name in ("a.cnx", "a.cnx.gz", "a.zip"))
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content, 1))
    with zipfile.ZipFile(archive, "w") as entries:
        entries.writestr("a.cnx", content)

    digests = {content_digest(path) for path in (plain, packed, archive)}

    plain.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert (len(digests), content_digest(plain) in digests) == (1, False)


def test_a_content_that_nobody_can_wait_for_is_known_by_its_packed_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_DIGESTED_BYTES", 3 << 20)
    packed, again = tmp_path / "a.cnx.gz", tmp_path / "b.cnx.gz"
    packed.write_bytes(gzip.compress(bytes(4 << 20), 1, mtime=0))

    digest = content_digest(packed)

    again.write_bytes(gzip.compress(bytes(4 << 20), 9, mtime=0))
    assert (content_digest(packed), content_digest(again) == digest) == (digest, False)

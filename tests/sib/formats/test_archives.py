"""Plain, packed, several: the same contents come out; what cannot be unpacked ends in one sentence."""

import contextlib
import copy
import gc
import gzip
import io
import os
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from sib.formats import archives
from sib.formats.archives import members, packed_size
from sib.formats.errors import InvalidSibFile
from sib.services.conferences.receive import content_digest

BODY = b"<mensagemSIB>" + b"x" * 5_000 + b"</mensagemSIB>"


def contents(path):
    found = []
    for member in members(path):
        with member.open() as stream:
            found.append((member.name, stream.read()))
    return found


def refusal(path):
    with pytest.raises(InvalidSibFile) as caught:
        contents(path)
    return caught.value.sentence


def zipped(path, *entries: tuple[str, bytes], compression=zipfile.ZIP_DEFLATED, comment=b""):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.comment = comment
        for name, body in entries:
            archive.writestr(name, body)
    return path


def test_a_plain_file_is_itself(tmp_path):
    path = tmp_path / "a.cnx"
    path.write_bytes(BODY)

    assert contents(path) == [("a.cnx", BODY)]


@pytest.mark.parametrize("name", ["a.cnx.gz", "a.cnx"])
def test_gzip_is_known_by_its_first_bytes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(BODY))

    assert contents(path) == [(name, BODY)]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_gives_its_files_in_the_order_of_their_names(tmp_path, compression):
    path = zipped(tmp_path / "a.zip", ("b.cnx", b"2"), ("a.cnx", BODY), compression=compression)

    assert contents(path) == [("a.cnx", BODY), ("b.cnx", b"2")]


def test_what_systems_add_to_a_zip_does_not_count(tmp_path):
    path = zipped(
        tmp_path / "a.zip", ("__MACOSX/._a.cnx", b"?"), (".DS_Store", b"?"), ("pasta/", b""), ("pasta/a.cnx", BODY)
    )

    assert contents(path) == [("a.cnx", BODY)]


@pytest.mark.parametrize("name", ["../../etc/a.cnx", "/etc/a.cnx", "..\\a.cnx"])
def test_a_path_in_a_zip_is_only_a_name(tmp_path, name):
    assert contents(zipped(tmp_path / "a.zip", (name, BODY))) == [("a.cnx", BODY)]


def test_a_folder_gives_all_its_files_packed_or_not(tmp_path):
    folder = tmp_path / "conjunto"
    folder.mkdir()
    (folder / "1.cnx").write_bytes(b"1")
    (folder / "2.gz").write_bytes(gzip.compress(b"2"))
    zipped(folder / "3.zip", ("b.cnx", b"4"), ("a.cnx", b"3"))

    assert [body for _, body in contents(folder)] == [b"1", b"2", b"3", b"4"]
    assert packed_size(folder) == sum(path.stat().st_size for path in folder.iterdir())


def test_what_systems_add_to_a_folder_does_not_count(tmp_path):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_bytes(b"?")
    (tmp_path / "a.cnx").write_bytes(BODY)

    assert contents(tmp_path) == [("a.cnx", BODY)]


def test_a_folder_in_a_folder_is_refused_and_not_passed_over(tmp_path):
    (tmp_path / "a.cnx").write_bytes(BODY)
    (tmp_path / "resto").mkdir()
    (tmp_path / "resto" / "b.cnx").write_bytes(BODY)

    assert refusal(tmp_path) == ("Dentro da pasta há outra pasta, resto. Deixe os arquivos CNX em uma pasta só.")


def test_a_name_in_another_encoding_is_told_as_text(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/confer\xeancia.cnx")).write_bytes(BODY)

    assert contents(tmp_path) == [("confer\N{REPLACEMENT CHARACTER}ncia.cnx", BODY)]


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"x" * 99)[:-9], gzip.compress(gzip.compress(BODY)), b"PK\x05\x06"],
    ids=["cut", "packed twice", "zip without an end"],
)
def test_a_refusal_tells_such_a_name_as_text_too(tmp_path, body):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/confer\xeancia.gz")).write_bytes(body)

    assert "confer\N{REPLACEMENT CHARACTER}ncia.gz" in refusal(tmp_path)


def test_what_is_packed_twice_is_refused(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(gzip.compress(BODY)))

    assert refusal(path) == (
        "Dentro de a.gz há outro arquivo compactado. Envie os arquivos CNX compactados uma vez só."
    )


@pytest.mark.parametrize("name", ["", ".", "./", "/"])
def test_a_file_in_a_zip_that_has_no_name_is_read_or_left_out_and_no_error(tmp_path, name):
    path = tmp_path / "a.zip"
    nameless = zipfile.ZipInfo("a.cnx")
    nameless.filename = name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.cnx", BODY)
        archive.writestr(nameless, b"" if name.endswith("/") else b"2")

    assert contents(path) == [*([] if name.endswith("/") else [("", b"2")]), ("b.cnx", BODY)]


def test_a_locked_zip_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", ("a.cnx", BODY))
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag in the entry, and in the directory at the end
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    assert refusal(path) == "O arquivo compactado a.zip tem senha. Envie-o sem senha."


def test_an_unknown_packing_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", ("a.cnx", BODY))
    data = bytearray(path.read_bytes())
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 97  # WavPack
    path.write_bytes(data)

    assert refusal(path) == ("O arquivo a.zip foi compactado de um modo que o portal não lê. Use ZIP ou GZIP comuns.")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_unpacks_at_one_go_is_refused(tmp_path, compression):
    path = zipped(tmp_path / "a.zip", ("a.cnx", BODY), compression=compression)

    assert refusal(path) == ("O arquivo a.zip foi compactado de um modo que o portal não lê. Use ZIP ou GZIP comuns.")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_bomb_of_few_bytes_takes_little_memory(tmp_path, compression):
    """Of a quarter of a gigabyte; a gigabyte of it once took two in the web process, and two in the worker."""
    path = zipped(tmp_path / "a.zip", ("a.cnx", bytes(256 << 20)), compression=compression)
    gc.collect()
    tracemalloc.start()

    digest = content_digest(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (len(digest), peak < 16 << 20) == (64, True)


def test_files_of_a_zip_that_share_their_bytes_are_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", ("a.cnx", os.urandom(5_000)), compression=zipfile.ZIP_STORED)
    with zipfile.ZipFile(path, "a") as archive:
        twin = copy.copy(archive.infolist()[0])
        twin.filename = "b.cnx"
        archive.filelist.append(twin)
        archive._didModify = True

    assert refusal(path).startswith("O arquivo compactado a.zip está cortado ou danificado.")


def test_an_empty_zip_and_an_empty_folder_are_refused(tmp_path):
    (tmp_path / "vazia").mkdir()

    assert refusal(zipped(tmp_path / "a.zip")).startswith("O arquivo compactado a.zip está vazio.")
    assert refusal(tmp_path / "vazia").startswith("A pasta não tem nenhum arquivo de conferência.")


def test_more_files_than_a_conference_has_are_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", *((f"{at}.cnx", b"") for at in range(201)))

    assert refusal(path) == "São 201 arquivos, e uma conferência tem até 200. Separe as conferências."


@pytest.mark.parametrize("comment", [b"", b"x" * 65_535])
def test_an_archive_of_a_hundred_thousand_names_is_refused_before_they_are_read(tmp_path, comment):
    path = zipped(tmp_path / "a.zip", *((f"{at}.cnx", b"") for at in range(70_000)), comment=comment)  # ZIP64

    assert refusal(path).startswith("Há arquivos demais em a.zip: uma conferência tem até 200.")


@pytest.mark.parametrize("kind", ["gz", "zip"])
@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_archive_never_ends_in_anything_but_a_sentence(tmp_path, kind, seed):
    chance = random.Random(seed)
    packed = io.BytesIO()
    if kind == "gz":
        packed.write(gzip.compress(chance.randbytes(3_000)))
    else:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.cnx", chance.randbytes(3_000))
    data = bytearray(packed.getvalue())
    if seed % 2:
        del data[chance.randrange(8, len(data)) :]
    else:
        data[chance.randrange(8, len(data))] ^= 1 << chance.randrange(8)
    path = tmp_path / f"a.{kind}"
    path.write_bytes(data)

    with contextlib.suppress(InvalidSibFile):
        assert [len(body) for _, body in contents(path)] == [3_000]


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_bomb_is_refused_before_it_bursts(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(archives, "RATIO_FREE_BYTES", 1 << 20)
    body = bytes(64 << 20)
    path = tmp_path / f"a.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(body))
    else:
        zipped(path, ("a.cnx", body))

    [member] = members(path)
    with member.open() as stream:
        pieces = iter(lambda: stream.read(1 << 16), b"")
        with pytest.raises(InvalidSibFile, match="cresce além do razoável"):
            sum(map(len, pieces))

        assert stream.raw.given <= path.stat().st_size * archives.MAX_COMPRESSION_RATIO + (1 << 20)

"""What a conference comes in: a plain file, one packed by gzip or ZIP, or a folder of several. Nothing is unpacked to
disk, or into memory by more than a piece; a decompression bomb (zip bomb) is refused.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from operators.formats.file_names import printable
from sib.formats.errors import InvalidSibFile

MAX_UNPACKED_BYTES = 20 << 30  # bytes of one file, unpacked: some sixteen million records, more than any operator has
MAX_COMPRESSION_RATIO = 200  # unpacked to packed; conferences pack some 25 to 1
PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # of a ZIP; others unpack at one go, however much it becomes
RATIO_FREE_BYTES = 10 << 20  # bytes, up to which the ratio does not matter
MAX_FILES = 200  # of one conference

_SEND_AGAIN = "Gere o arquivo compactado de novo, ou envie o CNX sem compactar."
MAX_DIRECTORY_BYTES = 1 << 20

_END, _GREAT_END = b"PK\x05\x06", b"PK\x06\x06"
_TAIL_BYTES = 66_000  # a comment of 65,535 may follow the end
_OF_SYSTEMS = {"__MACOSX", "thumbs.db", "desktop.ini"}
_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    name: str
    open: Callable[[], BinaryIO]


def members(path: Path) -> list[ArchiveMember]:
    """The files of the conference, in the order of their names. Raises InvalidSibFile, here or while they are read."""
    found = [member for each in (_files(path) if path.is_dir() else [path]) for member in _members(each)]
    if not found:
        raise InvalidSibFile("A pasta não tem nenhum arquivo de conferência. Coloque nela os arquivos CNX.")
    if len(found) > MAX_FILES:
        raise InvalidSibFile(
            f"São {len(found)} arquivos, e uma conferência tem até {MAX_FILES}. Separe as conferências."
        )
    return found


def packed_files(path: Path) -> list[Path]:
    """All that lies there, as it lies there."""
    return sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]


def packed_size(path: Path) -> int:
    """Bytes on the disk."""
    return sum(each.stat().st_size for each in packed_files(path))


def _files(folder: Path) -> list[Path]:
    """What is meant of the folder; a folder in it might be a part of the conference that nobody would miss."""
    if inner := next(
        (each for each in sorted(folder.iterdir()) if each.is_dir() and each.name not in _OF_SYSTEMS), None
    ):
        raise InvalidSibFile(
            f"Dentro da pasta há outra pasta, {printable(inner.name)}. Deixe os arquivos CNX em uma pasta só."
        )
    return [each for each in packed_files(folder) if not _is_of_system(each.name)]


def _members(path: Path) -> Iterator[ArchiveMember]:
    with path.open("rb") as stream:
        begins = stream.read(4)
    if begins.startswith(_ZIP):
        yield from _zipped(path)
    else:
        yield ArchiveMember(printable(path.name), partial(_open_gzip if begins.startswith(_GZIP) else _open, path))


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _open_gzip(path: Path) -> BinaryIO:
    return _size_limited(gzip.open(path, "rb"), printable(path.name), path.stat().st_size)


def _zipped(path: Path) -> Iterator[ArchiveMember]:
    name = printable(path.name)
    if _directory_size(path) > MAX_DIRECTORY_BYTES:
        raise InvalidSibFile(f"Há arquivos demais em {name}: uma conferência tem até {MAX_FILES}. {_SEND_AGAIN}")
    with _broken(name), zipfile.ZipFile(path) as archive:
        entries = sorted((each for each in archive.infolist() if _counts(each)), key=lambda each: each.filename)
    if not entries:
        raise InvalidSibFile(f"O arquivo compactado {name} está vazio. {_SEND_AGAIN}")
    if sum(entry.compress_size for entry in entries) > path.stat().st_size:  # the same bytes, listed several times
        raise InvalidSibFile(f"O arquivo compactado {name} está cortado ou danificado. {_SEND_AGAIN}")
    for entry in entries:
        if entry.flag_bits & 1:
            raise InvalidSibFile(f"O arquivo compactado {name} tem senha. Envie-o sem senha.")
        if entry.compress_type not in PACKINGS:
            raise _unknown_packing(name)
        yield ArchiveMember(_last(entry.filename), partial(_open_entry, path, entry))


def _directory_size(path: Path) -> int:
    """Bytes of the list of files at the end, which the library reads whole: a million names need no great file."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = stream.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 16:
        return 0  # none, which the library says
    size = int.from_bytes(tail[end + 12 : end + 16], "little")
    great = tail[max(0, end - 76) : end]
    return int.from_bytes(great[40:48], "little") if great.startswith(_GREAT_END) else size


def _counts(entry: zipfile.ZipInfo) -> bool:
    """Not a folder, nor what systems add for themselves."""
    name = entry.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    return not name.endswith("/") and _OF_SYSTEMS.isdisjoint(parts) and not _is_of_system(_last(name))


def _last(name: str) -> str:
    """What a member is called without its folders: of none at all, nothing that has a name of its own."""
    return PurePosixPath(name.replace("\\", "/")).name


def _is_of_system(name: str) -> bool:
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def _open_entry(path: Path, entry: zipfile.ZipInfo) -> BinaryIO:
    name = printable(path.name)
    with _broken(name):
        archive = zipfile.ZipFile(path)
        try:
            return _size_limited(archive.open(entry), name, entry.compress_size, archive)
        except BaseException:
            archive.close()
            raise


def _unknown_packing(name: str) -> InvalidSibFile:
    return InvalidSibFile(f"O arquivo {name} foi compactado de um modo que o portal não lê. Use ZIP ou GZIP comuns.")


_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)


class _broken:  # noqa: N801  (reads as a statement)
    """What the libraries say of a file that is cut, damaged or packed in a way unknown to them, as one sentence."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, NotImplementedError):
            raise _unknown_packing(self._name) from None
        if isinstance(error, _BROKEN):
            raise InvalidSibFile(
                f"O arquivo compactado {self._name} está cortado ou danificado. {_SEND_AGAIN}"
            ) from None


def _size_limited(stream: object, name: str, packed: int, archive: zipfile.ZipFile | None = None) -> BinaryIO:
    guarded = io.BufferedReader(_SizeLimitedStream(cast("BinaryIO", stream), name, packed, archive), 1 << 18)
    if guarded.peek(4).startswith((_GZIP, *_ZIP)):
        guarded.close()
        raise InvalidSibFile(
            f"Dentro de {name} há outro arquivo compactado. Envie os arquivos CNX compactados uma vez só."
        )
    return cast("BinaryIO", guarded)


class _SizeLimitedStream(io.RawIOBase):
    """An unpacked stream that ends in InvalidSibFile where it is broken, or grows beyond all reason."""

    def __init__(self, stream: BinaryIO, name: str, packed: int, archive: zipfile.ZipFile | None) -> None:
        self._stream, self._name, self._archive = stream, name, archive
        self._most = min(MAX_UNPACKED_BYTES, max(RATIO_FREE_BYTES, packed * MAX_COMPRESSION_RATIO))
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _broken(self._name):
            piece = self._stream.read(len(buffer))
        self.given += len(piece)
        if self.given > self._most:
            raise InvalidSibFile(f"O arquivo {self._name} cresce além do razoável ao ser descompactado. {_SEND_AGAIN}")
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        if self._archive:
            self._archive.close()
        super().close()

"""Typed environment variables, with secrets from files. An invalid value stops the start with one sentence.

Each reader takes the variable's name and its default; ``NAME_FILE`` may point to a file that holds the value of
``NAME``, as container secrets do. docs/operations.md lists every variable; a test holds the two together.
"""

import os
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
N = TypeVar("N", int, float)

_PASSWORD = re.compile(r"//.*@")
"""Where an address holds a user and a password, which no message may repeat."""

MAX_NUMBER = 1_000_000
"""No count, day or second of ours comes near, and no calendar or socket fails on it."""

names_read: set[str] = set()
"""Every variable that the settings asked for: what the documentation must list."""


def _value(name: str) -> str | None:
    names_read.add(name)
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name) or None
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: não foi possível ler o arquivo {path}.") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}_FILE: o arquivo {path} não é de texto em UTF-8.") from error


def _read(name: str, parse: Callable[[str], T], wanted: str, default: T) -> T:
    text = _value(name)
    if text is None:
        return default
    try:
        return parse(text)
    except ValueError as error:
        shown = _PASSWORD.sub("//…@", text)
        raise ImproperlyConfigured(f"{name}={shown!r}: o valor deve ser {wanted}.") from error


def text(name: str, default: str = "") -> str:
    return _read(name, str, "um texto", default)


def secret(name: str) -> str | None:
    """A value that no message may repeat."""
    return _value(name)


def choice(name: str, default: str, *values: str) -> str:
    wanted = f"{', '.join(values[:-1])} ou {values[-1]}"
    return _read(name, lambda value: _one_of(value, values), wanted, default)


def integer(name: str, default: int, *, least: int = 0, most: int = MAX_NUMBER) -> int:
    wanted = (
        f"um número inteiro a partir de {least}" if most == MAX_NUMBER else f"um número inteiro de {least} a {most}"
    )
    return _read(name, lambda value: _at_most(_at_least(int(value), least), most), wanted, default)


def number(name: str, default: float, *, least: float = 0) -> float:
    wanted = f"um número a partir de {least:g}"
    return _read(name, lambda value: _at_most(_at_least(float(value), least), MAX_NUMBER), wanted, default)


def boolean(name: str, *, default: bool) -> bool:
    return _read(name, _true_or_false, "true ou false", default)


def words(name: str, default: list[str]) -> list[str]:
    """Values separated by commas."""
    return _read(name, lambda value: [word.strip() for word in value.split(",") if word.strip()], "uma lista", default)


def path(name: str, default: Path) -> Path:
    return _read(name, _path, "um caminho", default)


def folder(name: str, default: Path) -> Path:
    """One that is there, and may be written to."""
    found = path(name, default)
    try:
        found.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: não foi possível criar a pasta {found} ({error.strerror}).") from error
    if not os.access(found, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: não é possível gravar na pasta {found}. Confira de quem ela é.")
    return found


def authorities(name: str) -> Path | None:
    """A PEM file that holds certificates, as far as TLS is able to read them."""
    return _read(name, _pem, "um arquivo PEM com certificados de autoridades", None)


def url(name: str, default: str, *schemes: str) -> str:
    wanted = "um endereço que comece com " + " ou ".join(f"{scheme}://" for scheme in schemes)
    return _read(name, lambda value: _with_scheme(value, schemes), wanted, default)


def _path(value: str) -> Path:
    try:
        return Path(value).expanduser().resolve()
    except (RuntimeError, OSError) as error:  # nobody is called so; a link that leads to itself
        raise ValueError from error


def _pem(value: str) -> Path:
    file = _path(value)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError as error:
        raise ValueError from error
    return file


def _true_or_false(value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise ValueError
    return value.lower() == "true"


def _at_least(value: N, least: N) -> N:
    if not value >= least:
        raise ValueError
    return value


def _at_most(value: N, most: int) -> N:
    if value > most:
        raise ValueError
    return value


def _one_of(value: str, values: tuple[str, ...]) -> str:
    if value not in values:
        raise ValueError
    return value


def _with_scheme(value: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(value)
    if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)) or parts.port == 0:  # the port may raise
        raise ValueError
    if parts.scheme in {"http", "https"} and not parts.hostname:
        raise ValueError
    return value

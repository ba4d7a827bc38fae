"""Secret keys: from the environment in production, generated once for each data folder elsewhere."""

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(data: Path, *, development: bool) -> str:
    """Django's signing key of a development folder."""
    return _generated(data / "keys" / "secret.key", secrets.token_urlsafe(64), development, "CNSPORTAL_SECRET_KEY")


def key_encryption_key(data: Path, *, development: bool) -> str:
    """The key that seals the operators' certificates in a development folder, as ``parse`` reads it."""
    fresh = "v1:" + base64.b64encode(secrets.token_bytes(32)).decode()
    return _generated(data / "keys" / "kek.key", fresh, development, "CADSUS_KEK")


def _generated(path: Path, fresh: str, development: bool, variable: str) -> str:
    """What ``path`` holds; ``fresh`` where it does not exist yet, whoever of two processes comes first."""
    if not development:
        raise ImproperlyConfigured(f"Em produção, informe {variable} (ou {variable}_FILE).")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(fresh, encoding="ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii")


def parse(text: str) -> dict[str, bytes]:
    """``id:base64`` pairs separated by commas, 32 bytes each, the current key first and retired ones after it."""
    try:
        pairs = [pair.strip().split(":", 1) for pair in text.split(",")]
        keys = {identifier: base64.b64decode(encoded, validate=True) for identifier, encoded in pairs}
    except (ValueError, binascii.Error) as error:
        raise ImproperlyConfigured("CADSUS_KEK: use id:base64, com chaves de 32 bytes.") from error
    if any(len(key) != 32 for key in keys.values()):
        raise ImproperlyConfigured("CADSUS_KEK: cada chave deve ter 32 bytes.")
    return keys

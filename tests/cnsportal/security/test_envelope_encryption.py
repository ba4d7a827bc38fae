import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnsportal.security.envelope_encryption import (
    DecryptionError,
    Envelope,
    Keyring,
    associated_data,
    decrypt,
    encrypt,
    rewrap,
)

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)
KEYS = Keyring({"2025": OLD})
HERE = associated_data("credential", 1, "production", "record")


@given(st.binary(max_size=5000), st.binary(max_size=50))
def test_sealed_secret_opens_in_its_own_place(secret, associated):
    assert decrypt(KEYS, encrypt(KEYS, secret, associated), associated) == secret


def test_sealed_secret_is_never_the_same_twice():
    first, second = encrypt(KEYS, b"segredo", HERE), encrypt(KEYS, b"segredo", HERE)

    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key


@pytest.mark.parametrize(
    "elsewhere",
    [
        associated_data("credential", 2, "production", "record"),
        associated_data("credential", 1, "simulator", "record"),
        associated_data("credential", 1, "production", "another record"),
        associated_data("token", 1, "production", "record"),
        b"",
    ],
)
def test_sealed_secret_does_not_open_elsewhere(elsewhere):
    sealed = encrypt(KEYS, b"segredo", HERE)

    with pytest.raises(DecryptionError):
        decrypt(KEYS, sealed, elsewhere)


@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_places_are_equal_only_where_all_parts_are(one, other):
    assert (associated_data(*one) == associated_data(*other)) == (one == other)


@given(st.data())
def test_sealed_secret_changed_anywhere_does_not_open(data):
    sealed = encrypt(KEYS, b"segredo", HERE)
    index = data.draw(st.integers(0, len(sealed.ciphertext) - 1))
    changed = bytearray(sealed.ciphertext)
    changed[index] ^= 1

    with pytest.raises(DecryptionError):
        decrypt(KEYS, Envelope(sealed.key_id, sealed.wrapped_key, bytes(changed)), HERE)


@pytest.mark.parametrize("ciphertext", [b"", b"curto", b"x" * 28])
def test_sealed_secret_cut_short_does_not_open(ciphertext):
    sealed = encrypt(KEYS, b"segredo", HERE)

    with pytest.raises(DecryptionError):
        decrypt(KEYS, Envelope(sealed.key_id, sealed.wrapped_key, ciphertext), HERE)


def test_sealed_secret_opens_after_its_key_was_retired_and_it_was_rewrapped():
    sealed = encrypt(KEYS, b"segredo", HERE)

    rewrapped = rewrap(Keyring({"2026": NEW, "2025": OLD}), sealed)

    assert (rewrapped.key_id, rewrapped.ciphertext) == ("2026", sealed.ciphertext)
    assert decrypt(Keyring({"2026": NEW}), rewrapped, HERE) == b"segredo"


@pytest.mark.parametrize("keys", [Keyring({"2026": NEW}), Keyring({"2025": NEW})], ids=["key gone", "another key"])
def test_sealed_secret_does_not_open_without_its_key(keys):
    sealed = encrypt(KEYS, b"segredo", HERE)

    with pytest.raises(DecryptionError):
        decrypt(keys, sealed, HERE)
    with pytest.raises(DecryptionError):
        rewrap(keys, sealed)


def test_keys_and_sealed_secrets_stay_out_of_texts():
    sealed = encrypt(KEYS, b"segredo", HERE)

    assert repr(KEYS) == "Keyring()"
    assert repr(sealed) == "Envelope(key_id='2025')"

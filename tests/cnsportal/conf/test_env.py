from pathlib import Path

import certifi
import pytest
from django.core.exceptions import ImproperlyConfigured

from cnsportal.conf import env


@pytest.mark.parametrize(
    ("reader", "given", "meant"),
    [
        (lambda: env.text("X", "a"), "b", "b"),
        (lambda: env.integer("X", 1), "7", 7),
        (lambda: env.number("X", 1), "0.5", 0.5),
        (lambda: env.boolean("X", default=False), "TRUE", True),
        (lambda: env.words("X", []), "a, b,,c", ["a", "b", "c"]),
        (lambda: env.url("X", "", "https"), "https://exemplo.invalid", "https://exemplo.invalid"),
    ],
)
def test_readers_understand_what_is_meant(monkeypatch, reader, given, meant):
    monkeypatch.setenv("X", given)

    assert reader() == meant


@pytest.mark.parametrize(
    ("reader", "given", "sentence"),
    [
        (lambda: env.integer("X", 1), "sete", "X='sete': o valor deve ser um número inteiro a partir de 0."),
        (lambda: env.integer("X", 1, least=5), "4", "X='4': o valor deve ser um número inteiro a partir de 5."),
        (lambda: env.number("X", 1), "-1", "X='-1': o valor deve ser um número a partir de 0."),
        (lambda: env.number("X", 1), "nan", "X='nan': o valor deve ser um número a partir de 0."),
        (lambda: env.number("X", 1), "inf", "X='inf': o valor deve ser um número a partir de 0."),
        (lambda: env.integer("X", 1), "9" * 11, "X='99999999999': o valor deve ser um número inteiro a partir de 0."),
        (lambda: env.path("X", Path()), "~ninguem-assim/x", "X='~ninguem-assim/x': o valor deve ser um caminho."),
        (lambda: env.boolean("X", default=False), "sim", "X='sim': o valor deve ser true ou false."),
        (
            lambda: env.url("X", "", "redis", "rediss"),
            "http://a",
            "X='http://a': o valor deve ser um endereço que comece com redis:// ou rediss://.",
        ),
        (
            lambda: env.url("X", "", "redis", "rediss"),
            "redis://:se/gre@do@a",
            "X='redis://…@a': o valor deve ser um endereço que comece com redis:// ou rediss://.",
        ),
    ],
)
def test_readers_stop_the_start_with_one_sentence(monkeypatch, reader, given, sentence):
    monkeypatch.setenv("X", given)

    with pytest.raises(ImproperlyConfigured) as refusal:
        reader()

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("given", [None, ""])
def test_readers_take_the_default_where_nothing_is_given(monkeypatch, given):
    if given is None:
        monkeypatch.delenv("X", raising=False)
    else:
        monkeypatch.setenv("X", given)

    assert (env.integer("X", 3), env.text("X", "a"), env.secret("X")) == (3, "a", None)


def test_readers_take_secrets_from_files(monkeypatch, tmp_path):
    file = tmp_path / "segredo"
    file.write_text("abc\n")
    monkeypatch.setenv("X_FILE", str(file))

    assert env.secret("X") == "abc"


def test_readers_name_the_file_they_cannot_read(monkeypatch):
    monkeypatch.setenv("X_FILE", "/nada/aqui")

    with pytest.raises(ImproperlyConfigured, match=r"X_FILE: não foi possível ler o arquivo /nada/aqui\."):
        env.secret("X")


def test_readers_name_the_file_that_is_no_text(monkeypatch, tmp_path):
    file = tmp_path / "segredo"
    file.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("X_FILE", str(file))

    with pytest.raises(ImproperlyConfigured, match=rf"X_FILE: o arquivo {file} não é de texto em UTF-8\."):
        env.secret("X")


def test_readers_take_authorities_that_tls_can_read(monkeypatch):
    monkeypatch.setenv("X", certifi.where())

    assert env.authorities("X") == Path(certifi.where()).resolve()


@pytest.mark.parametrize("content", [None, b"", b"nada"])
def test_readers_stop_the_start_where_there_are_no_authorities(monkeypatch, tmp_path, content):
    file = tmp_path / "raizes.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("X", str(file))

    with pytest.raises(ImproperlyConfigured, match="o valor deve ser um arquivo PEM com certificados de autoridades"):
        env.authorities("X")

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadsus.client.http_body import unwrap_body

XML = "<a>ação</a>".encode()
MULTIPART = 'multipart/related; type="application/xop+xml"; boundary="Uuid:1"; start="<r@x>"'


def part(content, *headers: bytes):
    return b"\r\n".join([b"--Uuid:1", *headers, b"", content, b""])


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("application/soap+xml; charset=utf-8", "utf-8"),
        ('text/xml; charset="ISO-8859-1"', "iso8859-1"),
        ("text/xml; charset=unheard-of", ""),
        ("text/xml", ""),
        ("", ""),
    ],
)
def test_a_bare_answer_comes_with_the_character_set_of_its_header(content_type, charset):
    assert unwrap_body(content_type, XML) == (XML, charset)


@pytest.mark.parametrize("first", [True, False])
def test_the_root_of_several_parts_is_the_one_that_the_header_names(first):
    parts = [
        part(XML, b"Content-Type: application/xop+xml; charset=UTF-8", b"Content-ID: <r@x>"),
        part(b"\x00\xff", b"Content-Type: application/octet-stream", b"Content-ID: <other@x>"),
    ]

    body = b"".join(parts if first else parts[::-1]) + b"--Uuid:1--\r\n"

    assert unwrap_body(MULTIPART, body) == (XML, "utf-8")


def test_the_first_of_several_parts_is_the_root_where_none_is_named():
    body = part(XML, b"Content-Type: text/xml") + b"--Uuid:1--\r\n"

    assert unwrap_body('multipart/related; boundary="Uuid:1"', body) == (XML, "")


@given(st.sampled_from([MULTIPART, "multipart/related", "text/xml"]), st.binary(max_size=200))
def test_whatever_comes_is_bytes(content_type, body):
    assert isinstance(unwrap_body(content_type, body)[0], bytes)

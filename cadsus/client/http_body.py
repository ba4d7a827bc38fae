"""Extracts the XML from an HTTP response: bare, or the first part of several (MTOM). Pure."""

from codecs import lookup
from email import message_from_bytes
from email.message import Message


def unwrap_body(content_type: str, body: bytes) -> tuple[bytes, str]:
    """The XML, and the character set that is given outside of it; "" where none is."""
    header = f"Content-Type: {content_type}\r\n\r\n".encode("iso-8859-1", "replace")
    head = message_from_bytes(header)
    if head.get_content_maintype() != "multipart":
        return body, _charset(head)
    parts = [part for part in message_from_bytes(header + body).walk() if not part.is_multipart()]
    start = head.get_param("start")
    root = next((part for part in parts if part["Content-ID"] == start), parts[0])
    content = root.get_payload(decode=True)
    return (content if isinstance(content, bytes) else b""), _charset(root)


def _charset(message: Message) -> str:
    told = message.get_content_charset("")
    try:
        return lookup(told).name if told else ""
    except LookupError:
        return ""

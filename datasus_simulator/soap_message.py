"""Reads a SOAP 1.2 message to CadSUS, strictly enough to catch errors of a client: envelope, kind, heading."""

from dataclasses import dataclass

from lxml import etree

from datasus_simulator import oids as v

NAMESPACES = {"": v.HL7}
_KINDS = {f"{{{v.HL7}}}{kind}": kind for kind in (v.QUERY, v.CONTINUATION)}


class SoapFault(Exception):
    """The message breaks the protocol: ``code`` is the SOAP 1.2 fault code; the text holds nobody's data."""

    def __init__(self, text: str, code: str = "Sender") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identifier:
    root: str
    extension: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What a reply repeats of the message it answers."""

    message_id: Identifier
    sender: Identifier  # extension holds the sender's name


@dataclass(frozen=True, slots=True)
class Message:
    kind: str
    heading: Heading
    body: etree._Element


def open_message(data: bytes) -> Message:
    """Raises SoapFault."""
    message = _contents(_parsed(data))
    kind = _KINDS[message.tag]
    require(message, f"interactionId[@extension='{kind}']", f"interactionId deve ser {kind}.")
    require(message, f"receiver/device/id[@root='{v.CADSUS}']", "receiver não é o CadSUS.")
    heading = Heading(identifier(require(message, "id", "Falta id.")), _sender(message))
    return Message(kind, heading, message)


def require(parent: etree._Element, path: str, complaint: str) -> etree._Element:
    """Raises SoapFault."""
    found = parent.find(path, NAMESPACES)
    if found is None:
        raise SoapFault(complaint)
    return found


def identifier(element: etree._Element) -> Identifier:
    return Identifier(element.get("root", ""), element.get("extension", ""))


def quantity(parent: etree._Element, name: str) -> int | None:
    """The number above zero in ``@value`` of an element; None where the element is absent. Raises SoapFault."""
    found = parent.find(name, NAMESPACES)
    if found is None:
        return None
    text = found.get("value", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise SoapFault(f"{name} deve ser um número inteiro maior que zero.")
    return int(text)


def _contents(envelope: etree._Element) -> etree._Element:
    if envelope.tag == f"{{{v.SOAP_1_1}}}Envelope":
        raise SoapFault("O envelope deve ser SOAP 1.2.", "VersionMismatch")
    if envelope.tag != f"{{{v.SOAP}}}Envelope":
        raise SoapFault("O corpo não é um envelope SOAP 1.2.")
    for message in envelope.iterfind(f"{{{v.SOAP}}}Body/*"):
        if message.tag in _KINDS:
            return message
    raise SoapFault(f"O corpo não traz {v.QUERY} no espaço de nomes {v.HL7}.")


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise SoapFault("O corpo não é XML bem formado.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault("O corpo traz uma DTD, que não é aceita.")
    return root


def _sender(message: etree._Element) -> Identifier:
    device = require(message, "sender/device/id", "Falta sender.")
    return Identifier(device.get("root", ""), message.findtext("sender/device/name", "", NAMESPACES))

"""A PDQ query, read strictly enough to catch a client's faults and no stricter than the clients that work today."""

from dataclasses import dataclass

from lxml import etree

from beneficiaries.names import fold
from cadsus.simulator import vocabulary as v
from cadsus.simulator.people import NumberKind, Traits

_NUMBERS = {v.CPF: (NumberKind.CPF, 11), v.CNS: (NumberKind.CNS, 15), v.NIS: (NumberKind.NIS, 11)}
_SEXES = {"M", "F"}
_NO_TRAITS = Traits()
_NAMESPACES = {"": v.HL7}


class Refused(Exception):
    """The message breaks the protocol: ``code`` is the SOAP 1.2 fault code; the text holds nobody's data."""

    def __init__(self, text: str, code: str = "Sender") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identifier:
    root: str
    extension: str


@dataclass(frozen=True, slots=True)
class Question:
    message_id: Identifier
    query_id: Identifier
    sender: Identifier  # extension holds the sender's name
    echo: str  # the queryByParameter as it came, XML
    numbers: tuple[tuple[NumberKind, str], ...] = ()
    local_ids: int = 0  # identifiers of a system of its own, which nobody here has
    traits: Traits = _NO_TRAITS

    @property
    def kind(self) -> str:
        """What the person is sought by: cpf, cns, nis, local or traits."""
        return self.numbers[0][0] if self.numbers else "local" if self.local_ids else "traits"

    @property
    def subject(self) -> str:
        """What is asked, as one text; personal data."""
        return ":".join(text for _, text in self.numbers) if self.numbers else repr(self.traits)


def read_question(body: bytes) -> Question:
    """Raises Refused."""
    message = _message(body)
    _require(message, f"interactionId[@extension='{v.QUERY}']", "interactionId deve ser PRPA_IN201305UV02.")
    _require(message, f"receiver/device/id[@root='{v.CADSUS}']", "receiver não é o CadSUS.")
    query = _require(message, "controlActProcess/queryByParameter", "Falta queryByParameter.")
    parameters = _require(query, "parameterList", "Falta parameterList.")
    numbers, local_ids = _numbers(parameters)
    traits = _traits(parameters)
    if not (numbers or local_ids or traits):
        raise Refused("parameterList não tem parâmetro que se possa usar.")
    return Question(
        message_id=_identifier(_require(message, "id", "Falta id.")),
        query_id=_identifier(_require(query, "queryId", "Falta queryId.")),
        sender=_sender(message),
        echo=etree.tostring(query, encoding="unicode", with_tail=False),
        numbers=numbers,
        local_ids=local_ids,
        traits=traits,
    )


def _message(body: bytes) -> etree._Element:
    envelope = _parsed(body)
    if envelope.tag == f"{{{v.SOAP_1_1}}}Envelope":
        raise Refused("O envelope deve ser SOAP 1.2.", "VersionMismatch")
    if envelope.tag != f"{{{v.SOAP}}}Envelope":
        raise Refused("O corpo não é um envelope SOAP 1.2.")
    message = envelope.find(f"{{{v.SOAP}}}Body/{{{v.HL7}}}{v.QUERY}")
    if message is None:
        raise Refused(f"O corpo não traz {v.QUERY} no espaço de nomes {v.HL7}.")
    return message


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Refused("O corpo não é XML bem formado.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("O corpo traz uma DTD, que não é aceita.")
    return root


def _require(parent: etree._Element, path: str, complaint: str) -> etree._Element:
    found = parent.find(path, _NAMESPACES)
    if found is None:
        raise Refused(complaint)
    return found


def _identifier(element: etree._Element) -> Identifier:
    return Identifier(element.get("root", ""), element.get("extension", ""))


def _sender(message: etree._Element) -> Identifier:
    device = _require(message, "sender/device/id", "Falta sender.")
    return Identifier(device.get("root", ""), message.findtext("sender/device/name", "", _NAMESPACES))


def _numbers(parameters: etree._Element) -> tuple[tuple[tuple[NumberKind, str], ...], int]:
    """The numbers that the registry knows, and how many identifiers it cannot know."""
    values = [_identifier(value) for value in parameters.iterfind("livingSubjectId/value", _NAMESPACES)]
    known = tuple(_number(value) for value in values if value.root in _NUMBERS)
    return known, len(values) - len(known)


def _number(value: Identifier) -> tuple[NumberKind, str]:
    kind, length = _NUMBERS[value.root]
    if not (value.extension.isascii() and value.extension.isdigit() and len(value.extension) == length):
        raise Refused(f"livingSubjectId: {kind.upper()} deve ter só {length} dígitos.")
    return kind, value.extension


def _traits(parameters: etree._Element) -> Traits:
    sex = _value(parameters, "livingSubjectAdministrativeGender").get("code", "")
    return Traits(
        name=_said(parameters, "livingSubjectName"),
        mother_name=_said(parameters, "mothersMaidenName"),
        birth_date=_value(parameters, "livingSubjectBirthTime").get("value", "")[:8],
        sex=sex if sex in _SEXES else "",
        birth_city=_said(parameters, "patientAddress"),
    )


def _value(parameters: etree._Element, name: str) -> etree._Element:
    """The ``value`` of a parameter; an empty element where the parameter is absent."""
    found = parameters.find(f"{name}/value", _NAMESPACES)
    return etree.Element("absent") if found is None else found


def _said(parameters: etree._Element, name: str) -> str:
    """The text of a value, whether clients put it in given, in family, in both or bare."""
    return fold(" ".join(map(str, _value(parameters, name).itertext())))

"""The behaviours of the simulator: the vocabulary of the ``behaviour`` column of the people file.

A cell holds names separated by blanks. A name that ends in ``_once`` counts the first time that person is asked for;
afterwards the person is answered as if it were not there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

ONCE = "_once"


class Behaviour(StrEnum):
    # instead of an answer
    UNAVAILABLE = "unavailable"
    """503 with a line of text."""
    TOKEN_401 = "token_401"  # noqa: S105  (the name of a behaviour)
    """401, as for a token that is not valid any more."""
    ALWAYS_401 = "always_401"
    """401, whatever token comes; the same as token_401, under the name that says so."""
    FORBIDDEN = "forbidden"
    """403, as for a credential without the right to ask."""
    TOO_MANY = "too_many"
    """429 with Retry-After of two seconds."""
    FAULT_500 = "fault_500"
    """500 with a SOAP fault of the bus."""
    FAULT_200 = "fault_200"
    """The same fault with status 200."""
    HTML_503 = "html_503"
    """503 with a maintenance page that is not well-formed XML."""
    HTML_500 = "html_500"
    """500 with a page that happens to be well-formed XML."""
    HTML_200 = "html_200"
    """200 with a page that happens to be well-formed XML."""
    JSON_500 = "json_500"
    """500 with an error in JSON, as gateways put it."""
    REDIRECT = "redirect"
    """302 to a page of a portal."""
    EMPTY = "empty"
    """200 without a body."""
    ACCEPTED = "accepted"
    """202 without a body."""
    RESET = "reset"
    """The connection is cut by a TCP reset before a byte of the answer."""

    # the answer, late or spoilt on its way
    SLOW_1S = "slow_1s"
    """One second later."""
    SLOW_10S = "slow_10s"
    """Ten seconds later."""
    SLOW_40S = "slow_40s"
    """Forty seconds later: more than most clients wait."""
    TRUNCATED = "truncated"
    """The first two thirds of the answer, under a Content-Length that fits them."""
    BOM = "bom"
    """A UTF-8 byte order mark before the answer."""
    DRIP = "drip"
    """The answer in sixty pieces, one a second."""
    CUT_OFF = "cut_off"
    """Half of the answer under the length of the whole; then the connection is gone, without TLS's goodbye."""
    NO_GOODBYE = "no_goodbye"
    """The whole answer without its length; the connection is then closed, without TLS's goodbye."""
    CHUNKED = "chunked"
    """Transfer-Encoding: chunked."""
    GZIP = "gzip"
    """Content-Encoding: gzip, whether the client takes it or not."""
    WRONG_TYPE = "wrong_type"
    """A good answer under text/html."""
    SOAP_1_1 = "soap_1_1"
    """The answer in an envelope of SOAP 1.1, under text/xml."""
    LATIN_1 = "latin_1"
    """The answer in ISO-8859-1, and it says so."""

    # another answer
    NOT_FOUND = "not_found"
    """NF, although the person is in the file."""
    ACK_ERROR = "ack_error"
    """Acknowledgement AE with a detail, and no person."""
    ACK_REJECT = "ack_reject"
    """Acknowledgement AR with a detail, and no person."""
    QUERY_ERROR = "query_error"
    """queryResponseCode QE, and no person."""
    REMAINING = "remaining"
    """resultRemainingQuantity says that three more persons wait, whom Continue does not bring."""
    SILENT = "silent"
    """Neither a person nor a word whether there is one."""
    CROSSED_IDS = "crossed_ids"
    """targetMessage and queryId are those of another question."""
    OTHER_MESSAGE = "other_message"
    """A good envelope with an acknowledgement MCCI_IN000002UV01 in it."""

    # the same answer in another dress
    UNKNOWN_ELEMENTS = "unknown_elements"
    """Elements that no schema knows, in HL7's namespace and in another."""
    OUT_OF_ORDER = "out_of_order"
    """The children of patientPerson in reverse order."""
    NIL_CUSTODIAN = "nil_custodian"
    """An empty custodian with xsi:nil."""
    DOTTED_TIMESTAMPS = "dotted_timestamps"
    """Times with fraction and offset: 19840229000000.0-0200."""
    PREFIXED = "prefixed"
    """Every element under a namespace prefix instead of the default namespace."""
    SHORT_NAMESPACE = "short_namespace"
    """The namespace is hl7-org:v3, as in a published sample."""
    NAME_IN_PARTS = "name_in_parts"
    """Names come as prefix, given and family instead of one given."""
    NO_NAME_USE = "no_name_use"
    """The legal name does not say its use."""
    MANY_DOCUMENTS = "many_documents"
    """RG, CNH, voter's card, birth certificate and passport besides, some with numbers as long as a CNS."""

    # another record
    RESTRICTED = "restricted"
    """Confidentiality R."""
    VERY_RESTRICTED = "very_restricted"
    """Confidentiality V."""
    VIP = "vip"
    """veryImportantPersonCode VIP."""
    FOREIGN_ADDRESS = "foreign_address"
    """An address abroad: state XX, no postal code."""
    BAD_ADDRESS = "bad_address"
    """An address that says it is none."""
    FEWER_DATA = "fewer_data"
    """Name, sex, birth and numbers alone."""
    UNKNOWN_SEX = "unknown_sex"
    """Sex I, ignored."""
    NO_CPF = "no_cpf"
    """The record shows no CPF, though it is found by it."""
    NO_KIND = "no_kind"
    """The numbers come without saying D or P."""
    BAD_CHECK_DIGIT = "bad_check_digit"
    """The numbers come with a wrong last digit."""
    SOCIAL_NAME_FIRST = "social_name_first"
    """The social name stands before the legal one."""
    LOW_SCORE = "low_score"
    """A match score of 60."""

    # of the token endpoint alone
    NO_ACCESS_TOKEN = "no_access_token"  # noqa: S105  (the name of a behaviour)
    """A good answer in all but the token itself."""
    OPAQUE_TOKEN = "opaque_token"  # noqa: S105  (the name of a behaviour)
    """A token that works but is not a JWT."""


Behaviours = frozenset[Behaviour]

SECONDS = {Behaviour.SLOW_1S: 1, Behaviour.SLOW_10S: 10, Behaviour.SLOW_40S: 40}


@dataclass(frozen=True, slots=True)
class ScheduledBehaviour:
    """A behaviour, always or for the first time only."""

    behaviour: Behaviour
    once: bool = False

    @classmethod
    def parse(cls, name: str) -> Self:
        """Raises ValueError when there is no such behaviour."""
        once = name.endswith(ONCE)
        return cls(Behaviour(name.removesuffix(ONCE)), once)

    def __str__(self) -> str:
        return f"{self.behaviour}{ONCE}" if self.once else str(self.behaviour)


def parse_behaviours(names: str) -> Behaviours:
    """Raises ValueError, naming the first word that is no behaviour."""
    return frozenset(Behaviour(word) for word in names.split())


def parse_scheduled(cell: str) -> frozenset[ScheduledBehaviour]:
    """Raises ValueError, naming the first word that is no behaviour."""
    return frozenset(ScheduledBehaviour.parse(word) for word in cell.lower().split())

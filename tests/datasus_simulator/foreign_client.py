"""A client that knows nothing of ours: requests, bytes and XPath, as a stranger would write one."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import requests
from lxml import etree

from datasus_simulator.pki import Issued
from tests.datasus_simulator.fixtures import RunningSimulator
from tests.paths import DATA

SAMPLES = DATA / "soap"
SOAP_TYPE = "application/soap+xml; charset=utf-8"
CNS_OID = "2.16.840.1.113883.13.236"
NAMESPACES = {"h": "urn:hl7-org:v3", "s": "http://www.w3.org/2003/05/soap-envelope"}


def sample(name):
    """The bytes of a request or a reply, such as ``requests/by-cpf``."""
    return (SAMPLES / f"{name}.xml").read_bytes()


def asking_for(cpf):
    return sample("requests/by-cpf").replace(b"11144477735", cpf.encode())


@dataclass
class Stranger:
    simulator: RunningSimulator
    client: Issued | None
    folder: Path
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.verify = self.simulator.ca_path
        if self.client:
            identity = self.folder / f"{self.client.fingerprint}.pem"
            identity.write_bytes(self.client.key_pem + self.client.certificate_pem)
            self.session.cert = str(identity)

    def get_token(self, method="GET"):
        return self.session.request(method, self.simulator.token_url, timeout=10, allow_redirects=False)

    def login(self):
        self.token = self.get_token().json()["access_token"]
        return self

    def post(self, body, *, authorization=None, content_type=SOAP_TYPE, timeout=10, **how):
        headers = {"Authorization": f"jwt {self.token}" if authorization is None else authorization}
        return self.session.post(
            self.simulator.query_url,
            data=body,
            headers={**headers, "Content-Type": content_type},
            timeout=timeout,
            allow_redirects=False,
            **how,
        )

    def ask(self, cpf, **how):
        return self.post(asking_for(cpf), **how)


def comes_true(condition, seconds=5):
    """Whether it does in time: the server notes a failed handshake a moment after the client knows of it."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def values(response, path):
    """The texts or attributes at an XPath under the reply."""
    root = etree.fromstring(response.content)
    return [str(value) for value in root.xpath(path, namespaces=NAMESPACES)]


def code(response):
    return values(response, "//h:queryAck/h:queryResponseCode/@code")


def names(response):
    return values(response, "//h:patientPerson/h:name[@use='L']/h:given/text()")


def cns(response):
    """Number and kind of each CNS, in the order of the reply."""
    root = etree.fromstring(response.content)
    blocks = root.xpath(f"//h:asOtherIDs[h:id/@root='{CNS_OID}']", namespaces=NAMESPACES)
    path = "string(h:id[@root='{}']/@extension)"
    return [
        tuple(block.xpath(path.format(oid), namespaces=NAMESPACES) for oid in (CNS_OID, f"{CNS_OID}.1"))
        for block in blocks
    ]


def fault_text(response):
    return values(response, "//s:Fault/s:Reason/s:Text/text()")

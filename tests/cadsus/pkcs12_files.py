"""PKCS#12 files that no exporter of today writes, put together by hand (RFC 7292)."""

import hashlib
import hmac

from asn1crypto import cms, core
from asn1crypto import keys as asn1_keys
from asn1crypto import pkcs12 as asn1
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

SALT, ROUNDS = b"sal de teste", 2048


def sealed_pfx(certificate, key, secret):
    """Contents in the open, sealed with ``secret``: the password as its maker understood it, in UTF-16-BE with an end.

    ``certificate`` in DER.
    """
    bags = asn1.SafeContents([_certificate_bag(certificate), _key_bag(key)])
    safe = asn1.AuthenticatedSafe([cms.ContentInfo({"content_type": "data", "content": bags.dump()})]).dump()
    digest = hmac.digest(_seal_key(secret), safe, "sha1")
    mac = {"digest_algorithm": {"algorithm": "sha1"}, "digest": digest}
    return asn1.Pfx(
        {
            "version": "v3",
            "auth_safe": {"content_type": "data", "content": safe},
            "mac_data": {"mac": mac, "mac_salt": SALT, "iterations": ROUNDS},
        }
    ).dump()


def _certificate_bag(certificate):
    value = asn1.CertBag({"cert_id": "x509", "cert_value": core.ParsableOctetString(certificate)})
    return asn1.SafeBag({"bag_id": "cert_bag", "bag_value": value, "bag_attributes": _LOCAL_KEY})


def _key_bag(key):
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    value = asn1_keys.PrivateKeyInfo.load(der)
    return asn1.SafeBag({"bag_id": "key_bag", "bag_value": value, "bag_attributes": _LOCAL_KEY})


_LOCAL_KEY = [{"type": "local_key_id", "values": [b"\x01"]}]


def _seal_key(secret):
    """RFC 7292, B.2, in plain steps, for SHA-1: 20 bytes of purpose 3."""
    block = 64
    filled = [(text * (block // len(text) + 1))[: -(-len(text) // block) * block] for text in (SALT, secret)]
    made = b"\x03" * block + filled[0] + filled[1]
    for _ in range(ROUNDS):
        made = hashlib.new("sha1", made, usedforsecurity=False).digest()
    return made


def with_default_written_out(issued, issuer_key):
    """The certificate in DER but for one extension that says ``critical FALSE``, which DER leaves out; signed anew."""
    certificate = asn1_x509.Certificate.load(issued.certificate.public_bytes(Encoding.DER))
    tbs = certificate["tbs_certificate"]
    dumped = [tbs[name].dump() for name in tbs if tbs[name].native is not None]
    extensions = [_spelt_out(extension) for extension in tbs["extensions"]]
    dumped[-1] = _tagged(0xA3, _tagged(0x30, b"".join(extensions)))
    body = _tagged(0x30, b"".join(dumped))
    signature = issuer_key.sign(body, padding.PKCS1v15(), hashes.SHA256())
    algorithm = certificate["signature_algorithm"].dump()
    return _tagged(0x30, body + algorithm + core.BitString(tuple(_bits(signature))).dump())


def _spelt_out(extension):
    if extension["critical"].native:
        return extension.dump()
    return _tagged(0x30, extension["extn_id"].dump() + b"\x01\x01\x00" + extension["extn_value"].dump())


def _bits(data):
    return (byte >> shift & 1 for byte in data for shift in range(7, -1, -1))


def _tagged(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content

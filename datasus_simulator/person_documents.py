"""Documents of a person (``asOtherIDs``), and what else a record may carry about documents: XML text."""

from html import escape

from datasus_simulator import oids as v


def document(root: str, text: str, *qualifiers: tuple[str, str]) -> str:
    """The scoping organisation repeats the roots without extensions, as the real replies do."""
    if not text:
        return ""
    ids = [(root, text), *qualifiers]
    shown = "".join(f'<id root="{each}" extension="{escape(value)}"/>' for each, value in ids)
    roots = "".join(f'<id root="{each}"/>' for each, _ in ids)
    return (
        f'<asOtherIDs classCode="ROL">{shown}<scopingOrganization classCode="ORG" determinerCode="INSTANCE">'
        f"{roots}</scopingOrganization></asOtherIDs>"
    )


OTHERS = "".join(
    (
        document(v.RG, "112223334", (v.RG_ISSUER, "10"), (v.STATE, "DF"), (f"{v.RG}.1", "20010203")),
        document(v.VOTER, "123456789012", (f"{v.VOTER}.1", "001"), (f"{v.VOTER}.2", "0002")),
        document(v.CNH, "12345678901", (v.STATE, "DF")),
        document(f"{v.CERTIFICATE}.1", "100000000000007", (v.REGISTRATION, "1" * 32)),
    )
)
PASSPORT = (
    f'<asCitizen classCode="CIT"><id root="{v.PASSPORT}" extension="FX000001"/>'
    '<politicalNation classCode="NAT" determinerCode="INSTANCE"><code code="010"/></politicalNation></asCitizen>'
)

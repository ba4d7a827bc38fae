"""Answers of CadSUS spelled out, for what no well-behaved server would send."""

CNS, CNS_KIND, CPF = "2.16.840.1.113883.13.236", "2.16.840.1.113883.13.236.1", "2.16.840.1.113883.13.237"
CPF_NUMBER = "11144477735"
DEFINITIVE, PROVISIONAL = "700000000000005", "898000000000002"


def envelope(body, prolog='<?xml version="1.0" encoding="UTF-8"?>'):
    soap = "http://www.w3.org/2003/05/soap-envelope"
    return f'{prolog}<S:Envelope xmlns:S="{soap}"><S:Header/><S:Body>{body}</S:Body></S:Envelope>'.encode()


def fault(code="S:Receiver", text="Falha no barramento para o CPF 11144477735"):
    reason = f'<S:Reason><S:Text xml:lang="pt">{text}</S:Text></S:Reason>'
    return envelope(f"<S:Fault><S:Code><S:Value>{code}</S:Value></S:Code>{reason}</S:Fault>")


def reply(*subjects: str, code="OK", ack="AA", total="", remaining="0", namespace="urn:hl7-org:v3", **how):
    counts = f'<resultTotalQuantity value="{total}"/><resultRemainingQuantity value="{remaining}"/>'
    answer = f'<queryResponseCode code="{code}"/>{counts}'
    control = f"<controlActProcess>{''.join(subjects)}<queryAck>{answer}</queryAck></controlActProcess>"
    acknowledgement = f'<acknowledgement><typeCode code="{ack}"/></acknowledgement>'
    body = f'<PRPA_IN201306UV02 xmlns="{namespace}" ITSVersion="XML_1.0">{acknowledgement}{control}</PRPA_IN201306UV02>'
    return envelope(body, **how)


def subject(person="", *, before="", after="", status="active"):
    """One person of the answer: what stands in patientPerson, and around it in patient."""
    patient = f'<statusCode code="{status}"/>{before}<patientPerson>{person}</patientPerson>{after}'
    return (
        f"<subject><registrationEvent><subject1><patient>{patient}</patient></subject1></registrationEvent></subject>"
    )


def document(*identifiers: tuple[str, str]):
    """``identifiers``: (root, extension); the organisation repeats the roots, as the real answer does."""
    ids = "".join(f'<id root="{root}" extension="{extension}"/>' for root, extension in identifiers)
    roots = "".join(f'<id root="{root}"/>' for root, _ in identifiers)
    return f"<asOtherIDs>{ids}<scopingOrganization>{roots}</scopingOrganization></asOtherIDs>"


def cns(number, kind):
    return document((CNS, number), (CNS_KIND, kind))


def relationship(code, name, use="L"):
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="PN"'
    holder = f'<relationshipHolder1><name {xsi} use="{use}"><given>{name}</given></name></relationshipHolder1>'
    return f'<personalRelationship><code code="{code}"/>{holder}</personalRelationship>'


WHOLE = subject(
    '<name use="ASGN"><given>CLARA FICTICIA</given></name>'
    '<name use="L"><given>CLARICE FICTICIA DOS TESTES</given></name>'
    '<telecom value="+55-61-900000000" use="ASN"/>'
    '<administrativeGenderCode code="F"/><birthTime value="19840229000000"/><deceasedInd value="false"/>'
    '<addr use="H"><city>530010</city><state>DF</state></addr><raceCode code="03"/>'
    + cns(PROVISIONAL, "P")
    + cns(DEFINITIVE, "D")
    + document((CPF, CPF_NUMBER))
    + relationship("NPRN", "SEM INFORMAÇÃO")
    + relationship("PRN", "BERENICE FICTICIA DOS TESTES")
    + "<birthPlace><addr><city>355030</city></addr></birthPlace>",
    before='<confidentialityCode code="N"/>',
    after='<subjectOf1><queryMatchObservation><value value="97"/></queryMatchObservation></subjectOf1>',
)


def registered(person, *numbers: tuple[str, str], status="active", **changes):
    """The subject that CadSUS would give for a person of ours, but for ``changes``; ``numbers``: (CNS, kind)."""
    facts = {
        "name": person.name.upper(),
        "mother": person.mother_name.upper(),
        "birth": f"{person.birth_date:%Y%m%d}000000",
        "sex": {"1": "M", "3": "F"}[person.sex],
        "cpf": person.cpf or "",
        "extra": "",
        **changes,
    }
    return subject(
        f'<name use="L"><given>{facts["name"]}</given></name><administrativeGenderCode code="{facts["sex"]}"/>'
        f'<birthTime value="{facts["birth"]}"/>{facts["extra"]}'
        + "".join(cns(number, kind) for number, kind in numbers)
        + (document((CPF, facts["cpf"])) if facts["cpf"] else "")
        + relationship("PRN", facts["mother"]),
        status=status,
    )

"""Names and object identifiers of the PDQ v3 messages, as the public clients of CadSUS agree on them."""

HL7 = "urn:hl7-org:v3"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP_1_1 = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

QUERY = "PRPA_IN201305UV02"
REPLY = "PRPA_IN201306UV02"

INTERACTION = "2.16.840.1.113883.1.6"
CADSUS = "2.16.840.1.113883.3.72.6.5.100.85"
GENDER = "2.16.840.1.113883.5.1"
RELATIONSHIP = "2.16.840.1.113883.1.11.19563"
RES_BRASIL = "2.16.840.1.113883.3.4594"

CNS = "2.16.840.1.113883.13.236"
CNS_KIND = f"{CNS}.1"
CPF = "2.16.840.1.113883.13.237"
NIS = "2.16.840.1.113883.13.240"
DNV = "2.16.840.1.113883.13.242"

"""Numbers that identify people and companies in Brazil: check digits, format, masking, synthetic numbers.

Everything is text of digits only (a CNPJ may hold letters), leading zeros kept; ``digits`` strips whatever people
paste around them.
CNS rules: algorithm of the Ministério da Saúde; CPF and CNPJ rules: python-stdnum; CAEPF and CEI rules: two public
libraries agree on them, and their samples stand in the tests.
"""

import string

from stdnum.br import cnpj as _cnpj
from stdnum.br import cpf as _cpf

from cnsportal.formats.br import mask_with_bullets

_ASCII_DIGITS = frozenset(string.digits)
_CNPJ_CHARACTERS = frozenset(string.digits + string.ascii_uppercase)


def digits(text: str) -> str:
    """Only the ASCII digits of ``text``; dots, dashes, blanks and other scripts' digits fall away."""
    if text.isascii() and text.isdecimal():
        return text
    return "".join(character for character in text if character in _ASCII_DIGITS)


def _is_number(text: str, length: int) -> bool:
    return len(text) == length and _ASCII_DIGITS.issuperset(text)


def _weighted_sum(number: str, first_weight: int = 15) -> int:
    return sum(int(digit) * (first_weight - position) for position, digit in enumerate(number))


def cpf_is_valid(cpf: str) -> bool:
    """Check digits of an 11-digit CPF. The database holds the same rule in ``cpf_is_valid(text)``."""
    return _is_number(cpf, 11) and len(set(cpf)) > 1 and bool(_cpf.is_valid(cpf))


def cnpj_is_valid(cnpj: str) -> bool:
    """Fourteen characters of which, since July 2026, the first twelve may be capital letters (IN RFB 2.229/2024)."""
    return len(cnpj) == 14 and _CNPJ_CHARACTERS.issuperset(cnpj) and bool(_cnpj.is_valid(cnpj))


def caepf_is_valid(caepf: str) -> bool:
    """Fourteen digits: those of a CPF without its check digits, three of the activity, two that check the others."""
    return _is_number(caepf, 14) and len(set(caepf)) > 1 and caepf_from_base(caepf[:12]) == caepf


def cei_is_valid(cei: str) -> bool:
    """Twelve digits, the last of which checks the others."""
    return _is_number(cei, 12) and len(set(cei)) > 1 and cei_from_base(cei[:11]) == cei


def cns_is_valid(cns: str) -> bool:
    """Check digits of a 15-digit CNS. They prove little: one in eleven random 7xx numbers passes.

    Numbers that begin with 1 or 2 stand on an 11-digit base: only base + 000 + digit, or base + 001 + 8
    where no single digit would do, exist. The database holds the same rule in ``cns_is_valid(text)``.
    """
    if not _is_number(cns, 15) or _weighted_sum(cns) % 11:
        return False
    return cns[0] in "789" or (cns[0] in "12" and (cns[11:14] == "000" or cns[11:] == "0018"))


def nis_is_valid(nis: str) -> bool:
    """Check digit of an 11-digit NIS (PIS, PASEP, NIT)."""
    if not _is_number(nis, 11) or len(set(nis)) == 1:
        return False
    weights = (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return -sum(int(digit) * weight for digit, weight in zip(nis[:10], weights, strict=True)) % 11 % 10 == int(nis[10])


def cns_from_base(base: str) -> str:
    """The one CNS that stands on an 11-digit base beginning with 1 or 2."""
    digit = -_weighted_sum(base) % 11
    return f"{base}0018" if digit == 10 else f"{base}000{digit}"


def cns_from_prefix(prefix: str) -> str | None:
    """The CNS beginning with these 14 digits (7, 8 or 9 first); None where no last digit fits."""
    digit = -_weighted_sum(prefix) % 11
    return None if digit == 10 else f"{prefix}{digit}"


def cpf_from_base(base: str) -> str:
    """The CPF of nine digits: its two check digits added."""
    first = _weighted_sum(base, 10) * 10 % 11 % 10
    second = _weighted_sum(f"{base}{first}", 11) * 10 % 11 % 10
    return f"{base}{first}{second}"


def cnpj_from_base(base: str) -> str:
    """The CNPJ of twelve digits: its two check digits added."""
    return base + str(_cnpj.calc_check_digits(base))


def caepf_from_base(base: str) -> str:
    """The CAEPF of twelve digits: the check digits are those of a CNPJ and twelve more."""
    return f"{base}{(int(_cnpj.calc_check_digits(base)) + 12) % 100:02d}"


def cei_from_base(base: str) -> str:
    """The CEI of eleven digits: its check digit added."""
    total = sum(int(digit) * weight for digit, weight in zip(base, (7, 4, 1, 8, 5, 2, 1, 6, 3, 7, 4), strict=True))
    return f"{base}{-(total % 10 + total // 10) % 10}"


def format_cpf(cpf: str) -> str:
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}" if cpf else ""


def format_cnpj(cnpj: str) -> str:
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}" if cnpj else ""


def format_caepf(caepf: str) -> str:
    return f"{caepf[:3]}.{caepf[3:6]}.{caepf[6:9]}/{caepf[9:12]}-{caepf[12:]}" if caepf else ""


def format_cei(cei: str) -> str:
    return f"{cei[:2]}.{cei[2:5]}.{cei[5:10]}/{cei[10:]}" if cei else ""


def format_cns(cns: str) -> str:
    return f"{cns[:3]} {cns[3:7]} {cns[7:11]} {cns[11:]}" if cns else ""


def mask_cpf(cpf: str) -> str:
    """``***.456.789-**``: enough to tell two people of a list apart, too little to use."""
    return f"***.{cpf[3:6]}.{cpf[6:9]}-**" if cpf else ""


def mask_caepf(caepf: str) -> str:
    """As the CPF whose digits it has."""
    return f"***.{caepf[3:6]}.{caepf[6:9]}/{caepf[9:12]}-**" if caepf else ""


def mask_cns(cns: str) -> str:
    """The last four digits, as receipts show card numbers."""
    return f"*** **** **** {cns[-4:]}"[:18] if cns else ""


def told_cpf(cpf: str | None, *, in_full: bool) -> str:
    """As files and pages tell it."""
    return format_cpf(cpf or "") if in_full else mask_with_bullets(mask_cpf(cpf or ""))


def told_cns(cns: str | None, *, in_full: bool) -> str:
    return format_cns(cns or "") if in_full else mask_with_bullets(mask_cns(cns or ""))

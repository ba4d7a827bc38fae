"""Numbers of invented people: unique because each is a one-to-one function of the person's index."""

from dataclasses import dataclass

from beneficiaries.domain.identifiers import cnpj_from_base, cns_from_base, cns_from_prefix, cpf_from_base

_CPFS = 10**9
_BASES = 10**10
_PREFIXES = 10**12


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of one seed. Two indices never share one; seeds only move them about."""

    seed: int

    def cpf(self, index: int) -> str:
        base = self._scatter(index, _CPFS)
        while base % 111_111_111 == 0:  # eleven equal digits are no CPF: go on to the next of the cycle
            base = self._scatter(base, _CPFS)
        return cpf_from_base(f"{base:09d}")

    def definitive_cns(self, index: int) -> str:
        if index % 6 == 5:
            return cns_from_base(f"2{self._scatter(index, _BASES):010d}")
        return self._cns("7", index)

    def provisional_cns(self, index: int) -> str:
        return self._cns("8", index)

    def former_cns(self, index: int) -> str:
        """A definitive number that the person had before."""
        return cns_from_base(f"1{self._scatter(index, _BASES):010d}")

    def _cns(self, first: str, index: int) -> str:
        prefix = f"{first}{self._scatter(index, _PREFIXES):012d}"
        return cns_from_prefix(f"{prefix}0") or cns_from_prefix(f"{prefix}1") or ""

    def _scatter(self, index: int, size: int) -> int:
        """A permutation of 0..size-1 (a power of ten): the factor ends in 7, so that it has an inverse."""
        factor = (self.seed * 20_011 + 618_033_988_749) * 10 + 7
        return (index * factor + self.seed * 271_828_183 + 314_159) % size


def cco(index: int) -> str:
    """The CCO of the index-th link: ten digits and two check digits (mod 11, as in the samples of the SIB manual)."""
    base = f"{index + 1:010d}"
    first = _check_digit(base)
    return f"{base}{first}{_check_digit(base + first)}"


def company_cnpj(index: int) -> str:
    return cnpj_from_base(f"{11_222_333 + index * 7:08d}0001")


def _check_digit(number: str) -> str:
    weighted = sum(int(digit) * weight for weight, digit in enumerate(reversed(number), start=2))
    return str(-weighted % 11 % 10)

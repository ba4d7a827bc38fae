"""Synthetic data: families of invented beneficiaries, one after the other, the same for the same seed."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count as counting
from itertools import islice
from random import Random
from typing import NamedTuple, TypeVar

from demo.synthetic import vocabulary
from demo.synthetic.numbers import Numbering, cco, company_cnpj

REFERENCE_DAY = date(2026, 11, 1)
"""The day as of which ages and contracts are invented, so that a seed means the same people for ever."""

PLAN_LAW = date(1999, 1, 2)  # Lei 9.656/1998 in force
COMPANIES = 60
T = TypeVar("T")


class InventedPerson(NamedTuple):
    ordinal: int
    cpf: str  # "" for newborns and some children
    cns: str  # the true one
    cns_kind: str  # "D", "P"
    former_cns: str  # a definitive number of earlier years, which registries may still show
    name: str
    social_name: str
    sex: str  # "1", "3"
    birth_date: date
    mother_name: str
    dn: str
    pis_pasep: str
    email: str
    phone: str
    street: str
    number: str
    complement: str
    district: str
    city_code: str
    postal_code: str


class InventedLink(NamedTuple):
    ordinal: int
    person: InventedPerson
    code: str
    cco: str
    holder_code: str  # "" for holders
    holder_cco: str
    relationship: str
    contracted_on: date
    first_contracted_on: date
    reactivated_on: date | None
    cancelled_on: date | None
    cancellation_reason: str
    plan_ans_number: str
    plan_operator_code: str
    company_cnpj: str
    signed_on: date  # the contract, which others may share; the link begins then or later
    known_cns: str  # what the operator's own registry holds: nothing, the true number, or the former one


class _Contract(NamedTuple):
    number: int
    company_cnpj: str
    signed_on: date
    joined_on: date  # by the family
    plan_ans_number: str
    plan_operator_code: str


class _Household(NamedTuple):
    surname: str
    street: str
    number: str
    complement: str
    district: str
    city: vocabulary.City
    postal_code: str


def _signed_on(company: int, *, is_old: bool) -> date:
    """A company has a contract of before the law, before any of its people joined, and one of some year after it."""
    return date(1990, 1, 2) + timedelta(days=company * 41) if is_old else PLAN_LAW + timedelta(days=company * 97 % 5000)


def invent(count: int, seed: int = 1) -> Iterator[InventedLink]:
    """``count`` links, family by family. Fewer with the same seed are a beginning of more."""
    return islice(_Inventor(seed).links(), count)


class _Inventor:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  (people, not secrets)
        self.numbers = Numbering(seed)
        self.people = counting()
        self.chance = self.random.random

    def links(self) -> Iterator[InventedLink]:
        link = counting()
        for family in counting(1):
            contract = self._contract()
            holder: InventedLink | None = None
            for member, (relationship, person) in enumerate(self._family()):
                made = self._link(next(link), family, member, relationship, person, contract, holder)
                holder = holder or made
                yield made
            if self.chance() < 0.03 and holder:
                yield self._second_link(next(link), family, holder)

    def _contract(self) -> _Contract:
        joined = REFERENCE_DAY - timedelta(days=self._up_to(11_000))
        company = self._up_to(COMPANIES) if self.chance() < 0.65 else None
        ans_number, operator_code = self._plan(joined)
        if company is None:
            return _Contract(1, "", joined, joined, ans_number, operator_code)
        signed = _signed_on(company, is_old=joined < PLAN_LAW)
        return _Contract(company + 2, company_cnpj(company), signed, max(signed, joined), ans_number, operator_code)

    def _plan(self, signed_on: date) -> tuple[str, str]:
        """Contracts older than the law stay as they were or were adapted to it."""
        if signed_on >= PLAN_LAW:
            return self._one_of(vocabulary.REGULATED_PLANS), ""
        if self.chance() < 0.3:
            return self._one_of(vocabulary.ADAPTED_PLANS), ""
        return "", self._one_of(vocabulary.PRE_LAW_PLANS)

    def _family(self) -> Iterator[tuple[str, InventedPerson]]:
        """Relationship (relacaoDependencia of the SIB) and person; the holder first."""
        home = self._household()
        holder = self._adult(home, 22 + self._up_to(50))
        yield "1", holder
        mother = holder
        if self.chance() < 0.45:
            spouse = self._adult(home, 22 + self._up_to(50), "1" if holder.sex == "3" else "3")
            mother = spouse if spouse.sex == "3" else holder
            yield "3", spouse
        mother_name = mother.name if mother.sex == "3" else self._name("3", home.surname)
        for child in self._children(home, mother_name):
            yield ("6" if self.chance() < 0.06 else "4"), child
        if self.chance() < 0.03:
            yield "8", self._adult(home, 60 + self._up_to(35))

    def _children(self, home: _Household, mother_name: str) -> Iterator[InventedPerson]:
        age = self._up_to(24)
        while self.chance() < 0.4:
            born = REFERENCE_DAY - timedelta(days=age * 365 + self._up_to(364))
            yield self._person(home, self._sex(), born, mother_name)
            if self.chance() < 0.02:  # twins
                yield self._person(home, self._sex(), born, mother_name)
            age = max(0, age - 2 - self._up_to(4))

    def _adult(self, home: _Household, age: int, sex: str = "") -> InventedPerson:
        born = REFERENCE_DAY - timedelta(days=age * 365 + self._up_to(364))
        return self._person(home, sex or self._sex(), born, self._name("3", home.surname))

    def _person(self, home: _Household, sex: str, born: date, mother_name: str) -> InventedPerson:
        ordinal = next(self.people)
        days = (REFERENCE_DAY - born).days
        adult = days >= 18 * 365
        provisional = self.chance() < 0.04
        name = self._name(sex, home.surname)
        return InventedPerson(
            ordinal=ordinal,
            cpf=self.numbers.cpf(ordinal) if adult or (days > 365 and self.chance() < 0.8) else "",
            cns=self.numbers.provisional_cns(ordinal) if provisional else self.numbers.definitive_cns(ordinal),
            cns_kind="P" if provisional else "D",
            former_cns=self.numbers.former_cns(ordinal),
            name=name,
            social_name=self._name("3" if sex == "1" else "1", home.surname) if adult and self.chance() < 0.008 else "",
            sex=sex,
            birth_date=born,
            mother_name=mother_name,
            dn=f"3{ordinal:010d}" if born.year >= 2010 else "",
            pis_pasep="",
            email=f"beneficiario{ordinal}@example.invalid" if adult else "",
            phone=f"{home.city.area_code}9{ordinal % 100_000_000:08d}" if adult else "",
            street=home.street,
            number=home.number,
            complement=home.complement,
            district=home.district,
            city_code=home.city.code,
            postal_code=home.postal_code,
        )

    def _household(self) -> _Household:
        city = self._one_of(vocabulary.CITIES)
        return _Household(
            surname=self._one_of(vocabulary.SURNAMES),
            street=self._one_of(vocabulary.STREETS),
            number=str(1 + self._up_to(2999)) if self.chance() < 0.97 else "SN",
            complement=self._one_of(vocabulary.COMPLEMENTS),
            district=self._one_of(vocabulary.DISTRICTS),
            city=city,
            postal_code=f"{city.postal_prefix}{self._up_to(999_999):06d}",
        )

    def _name(self, sex: str, surname: str) -> str:
        first = self._one_of(vocabulary.FIRST[sex])
        if self.chance() < 0.4:
            first = f"{first} {self._one_of(vocabulary.SECOND[sex])}"
        return f"{first} {self._one_of(vocabulary.SURNAMES)} {surname}"

    def _link(
        self,
        ordinal: int,
        family: int,
        member: int,
        relationship: str,
        person: InventedPerson,
        contract: _Contract,
        holder: InventedLink | None,
    ) -> InventedLink:
        started = max(contract.joined_on, person.birth_date)
        cancelled, reason = self._cancellation(started)
        return InventedLink(
            ordinal=ordinal,
            person=person,
            code=f"{contract.number:04d}{family:011d}{member:02d}",
            cco=cco(ordinal),
            holder_code=holder.code if holder else "",
            holder_cco=holder.cco if holder else "",
            relationship=relationship,
            contracted_on=started,
            first_contracted_on=started,
            reactivated_on=None,
            cancelled_on=cancelled,
            cancellation_reason=reason,
            plan_ans_number=contract.plan_ans_number,
            plan_operator_code=contract.plan_operator_code,
            company_cnpj=contract.company_cnpj,
            signed_on=contract.signed_on,
            known_cns=self._known_cns(person),
        )

    def _second_link(self, ordinal: int, family: int, first: InventedLink) -> InventedLink:
        """The same person again, as the holder of a link of an individual contract, sometimes long over."""
        started = max(first.contracted_on, PLAN_LAW)
        cancelled, reason = self._cancellation(started, 0.5)
        return first._replace(
            ordinal=ordinal,
            code=f"{1:04d}{family:011d}90",
            cco=cco(ordinal),
            contracted_on=started,
            first_contracted_on=started,
            cancelled_on=cancelled,
            cancellation_reason=reason,
            plan_ans_number=self._one_of(vocabulary.REGULATED_PLANS),
            plan_operator_code="",
            company_cnpj="",
            signed_on=started,
        )

    def _cancellation(self, started: date, likelihood: float = 0.08) -> tuple[date | None, str]:
        if self.chance() >= likelihood:
            return None, ""
        days = (REFERENCE_DAY - started).days
        return started + timedelta(days=self._up_to(days + 1)), self._one_of(vocabulary.CANCELLATION_REASONS)

    def _known_cns(self, person: InventedPerson) -> str:
        drawn = self.chance()
        if drawn < 0.45:
            return ""
        return person.cns if drawn < 0.9 else person.former_cns

    def _sex(self) -> str:
        return "3" if self.chance() < 0.52 else "1"

    def _one_of(self, choices: tuple[T, ...]) -> T:
        return choices[int(self.chance() * len(choices))]

    def _up_to(self, bound: int) -> int:
        """A whole number from 0 to ``bound`` - 1."""
        return int(self.chance() * bound)

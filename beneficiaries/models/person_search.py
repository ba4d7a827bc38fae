"""Whom a clerk means who types into the search box: name search by a trigram index, all else by an index of its own."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Right
from django.utils import timezone

from beneficiaries.domain.names import PARTICLES, fold, spellings
from beneficiaries.domain.search_terms import SearchTerms, parse_search
from beneficiaries.models.cns import CnsNumber
from beneficiaries.models.links import Beneficiary
from beneficiaries.models.people import Person
from beneficiaries.models.plans import Company
from beneficiaries.models.word_index import has_words
from beneficiaries.registry import PERSON_SEARCHES

MAX_CODE_DIGITS = 30
OWN_AND_MOTHER = ("name", "mother_name")
MIN_WORD_LETTERS = 3  # of a word that is looked for in other names than the person's own
_FOUR = re.compile("[0-9]{4}")
_YEAR = re.compile("[0-9]{1,2}|(?!0000)[0-9]{4}")


def found_by(text: str) -> Q:
    """By pieces of the own name, birth date or year, e-mail, or any number, however punctuated.

    Beside a name, four digits are also the last ones of a CPF or CNS, which is what lists show of them.
    """
    return _by_own(_terms(text), text) | reduce(or_, _by_registered(text), Q(pk__in=[]))


def found_widely_by(text: str) -> Q:
    """In any of the ways of ``search_ways``."""
    return reduce(or_, search_ways(text))


def search_ways(text: str, *, most: int | None = None) -> list[Q]:
    """What the text may mean, the closest first: each is a question to an index of its own, which all in one are not.

    It is something of the person's own; a number that another app knows; words of the name and of the mother's; or
    the contracting company's name. Of a number at most so many people are looked for, where ``most`` says so.
    """
    terms = _terms(text)
    ways = [_by_own(terms, text, most), *_by_registered(text)]
    words = [word for word in terms.words if word not in PARTICLES]
    if long := [word for word in words if _is_long(word)]:
        others = reduce(and_, (_by_word(word, terms) for word in words if word not in long), _born(terms.birth_dates))
        ways += [others & has_words(long, *OWN_AND_MOTHER), *_by_company(fold(text).split(), most)]
    return ways


def _terms(text: str) -> SearchTerms:
    return parse_search(text, today=timezone.localdate())


def _is_long(word: str) -> bool:
    return len(word) >= MIN_WORD_LETTERS and word.isalpha()


def _by_own(terms: SearchTerms, text: str, most: int | None = None) -> Q:
    if terms.email:
        return Q(pk__in=Person.objects.filter(email__iexact=terms.email).exclude(email="").values("pk"))
    if terms.code:
        return Q(pk__in=_by_code(terms.code, most))
    if terms.number:
        born = Person.objects.filter(birth_date__in=terms.birth_dates).values("pk")
        return Q(pk__in=_by_number(terms.number, text.strip(), most).union(born[:most]))
    if not terms.words and not terms.birth_dates:
        return Q(pk__in=[])
    wanted = _born(terms.birth_dates)
    for word in terms.words:
        wanted &= _by_word(word, terms)
    return wanted


def _by_registered(text: str) -> list[Q]:
    """Numbers that the apps above know people by."""
    people = [person for search in PERSON_SEARCHES for person in search(text)]
    return [Q(pk__in=people)] if people else []


def _by_company(words: Sequence[str], most: int | None) -> list[Q]:
    companies = list(Company.objects.filter(has_words(words, "legal_name", "trade_name")).values_list("pk", flat=True))
    links = Beneficiary.objects.filter(contract__company__in=companies).values("person")
    return [Q(pk__in=links[:most])] if companies else []


def _born(days: Collection[date]) -> Q:
    return Q(birth_date__in=days) if days else Q()


def _by_number(number: str, written: str, most: int | None) -> QuerySet[Any, Any]:
    """Each kind of number by its own index: one condition that offers them all would read the whole registry."""
    people = Person.objects.filter(cpf=number.zfill(11)).values("pk")
    holders = CnsNumber.objects.filter(number=number).values("person")
    codes = Beneficiary.objects.filter(code__in=_with_zeros(number)).values("person")
    ccos = Beneficiary.objects.filter(cco=number.zfill(12)).values("person")
    contracts = Beneficiary.objects.filter(contract__number__in=[number, written]).values("person")
    companies = Beneficiary.objects.filter(contract__company__in=_companies_numbered(number)).values("person")
    return people.union(holders, codes, ccos, contracts[:most], companies[:most])


def _companies_numbered(number: str) -> QuerySet[Any, Any]:
    numbers = Company.objects.filter(cnpj=number.zfill(14)).values("pk")
    return numbers.union(
        Company.objects.filter(caepf=number.zfill(14)).values("pk"), Company.objects.filter(cei=number).values("pk")
    )


def _by_code(written: str, most: int | None) -> QuerySet[Any, Any]:
    """Codes and contracts with letters, as they are written, in capitals or without."""
    spelled = {written, written.upper(), written.lower()}
    codes = Beneficiary.objects.filter(code__in=spelled).values("person")
    return codes.union(Beneficiary.objects.filter(contract__number__in=spelled).values("person")[:most])


def _with_zeros(number: str) -> list[str]:
    """All the codes that are this number, for zeros in front mean nothing: each by the index, without one more."""
    plain = number.lstrip("0")
    return [plain.zfill(length) for length in range(max(len(plain), 1), MAX_CODE_DIGITS + 1)]


def _by_word(word: str, terms: SearchTerms) -> Q:
    found = _by_year(word) or spelled(word)
    return found | _by_last_four(word) if terms.has_name and _FOUR.fullmatch(word) else found


def _by_last_four(digits: str) -> Q:
    """Of the CPF or of the current CNS: the people first, by two indexes, since the other words leave too many."""
    people = Person.objects.annotate(last_four=Right("cpf", 4)).filter(last_four=digits).values("pk")
    numbers = CnsNumber.objects.current().annotate(last_four=Right("number", 4)).filter(last_four=digits)
    return Q(pk__in=people.union(numbers.values("person")))


def spelled(word: str) -> Q:
    """Names that have the word in them, or what it is short for; the pieces of "d avila" are in DAVILA, too."""
    found = Q()
    for spelling in sorted(spellings(word)):
        found |= Q(name_key__contains=spelling)
    return found


def _by_year(word: str) -> Q:
    """``84`` and ``1984`` mean the year of birth; nothing is said of a word that is no year."""
    if not _YEAR.fullmatch(word):
        return Q()
    return (
        Q(birth_date__year=1900 + int(word)) | Q(birth_date__year=2000 + int(word))
        if len(word) <= 2
        else Q(birth_date__year=int(word))
    )

"""Whom a clerk means who types into the search box: name search by a trigram index, all else by an index of its own."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
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
MIN_WORD_LETTERS = 3  # of a word that is looked for in other names than the person's own
_FOUR = re.compile("[0-9]{4}")
_YEAR = re.compile("[0-9]{1,2}|(?!0000)[0-9]{4}")


def found_by(text: str) -> Q:
    """By pieces of the own name, birth date or year, e-mail, or any number, however punctuated.

    Beside a name, four digits are also the last ones of a CPF or CNS, which is what lists show of them.
    """
    return _by_own(parse_search(text, today=timezone.localdate()), text) | _by_registered(text)


def found_widely_by(text: str) -> Q:
    """As ``found_by``; words may also be of the mother's name, or all of them of the contracting company's."""
    terms = parse_search(text, today=timezone.localdate())
    words = [word for word in terms.words if word not in PARTICLES]
    if not any(map(_is_long, words)):
        return found_by(text)
    wanted = _born(terms.birth_dates)
    for word in words:
        wanted &= _by_word(word, terms) | (has_words([word], "mother_name") if _is_long(word) else Q())
    return wanted | _by_company(fold(text).split()) | _by_registered(text)


def _is_long(word: str) -> bool:
    return len(word) >= MIN_WORD_LETTERS and word.isalpha()


def _by_own(terms: SearchTerms, text: str) -> Q:
    if terms.email:
        return Q(pk__in=Person.objects.filter(email__iexact=terms.email).exclude(email="").values("pk"))
    if terms.code:
        return Q(pk__in=_by_code(terms.code))
    if terms.number:
        born = Person.objects.filter(birth_date__in=terms.birth_dates).values("pk")
        return Q(pk__in=_by_number(terms.number, text.strip()).union(born))
    if not terms.words and not terms.birth_dates:
        return Q(pk__in=[])
    wanted = _born(terms.birth_dates)
    for word in terms.words:
        wanted &= _by_word(word, terms)
    return wanted


def _by_registered(text: str) -> Q:
    """Numbers that the apps above know people by."""
    people = [person for search in PERSON_SEARCHES for person in search(text)]
    return Q(pk__in=people) if people else Q()


def _by_company(words: Sequence[str]) -> Q:
    companies = list(Company.objects.filter(has_words(words, "legal_name", "trade_name")).values_list("pk", flat=True))
    if not companies:
        return Q()
    return Q(pk__in=Beneficiary.objects.filter(contract__company__in=companies).values("person"))


def _born(days: Collection[date]) -> Q:
    return Q(birth_date__in=days) if days else Q()


def _by_number(number: str, written: str) -> QuerySet[Any, Any]:
    """Each kind of number by its own index: one condition that offers them all would read the whole registry."""
    people = Person.objects.filter(cpf=number.zfill(11)).values("pk")
    holders = CnsNumber.objects.filter(number=number).values("person")
    codes = Beneficiary.objects.filter(code__in=_with_zeros(number)).values("person")
    ccos = Beneficiary.objects.filter(cco=number.zfill(12)).values("person")
    contracts = Beneficiary.objects.filter(contract__number__in=[number, written]).values("person")
    companies = Beneficiary.objects.filter(contract__company__in=_companies_numbered(number)).values("person")
    return people.union(holders, codes, ccos, contracts, companies)


def _companies_numbered(number: str) -> QuerySet[Any, Any]:
    numbers = Company.objects.filter(cnpj=number.zfill(14)).values("pk")
    return numbers.union(
        Company.objects.filter(caepf=number.zfill(14)).values("pk"), Company.objects.filter(cei=number).values("pk")
    )


def _by_code(written: str) -> QuerySet[Any, Any]:
    """Codes and contracts with letters."""
    codes = Beneficiary.objects.filter(code__iexact=written).values("person")
    return codes.union(Beneficiary.objects.filter(contract__number__iexact=written).values("person"))


def _with_zeros(number: str) -> list[str]:
    """All the codes that are this number, for zeros in front mean nothing: each by the index, without one more."""
    plain = number.lstrip("0")
    return [plain.zfill(length) for length in range(max(len(plain), 1), MAX_CODE_DIGITS + 1)]


def _by_word(word: str, terms: SearchTerms) -> Q:
    found = _by_year(word) or spelled(word)
    if not (terms.has_name and _FOUR.fullmatch(word)):
        return found
    number = CnsNumber.objects.current().filter(person=OuterRef("pk"), number__endswith=word)
    return found | Q(cpf__endswith=word) | Q(Exists(number))


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

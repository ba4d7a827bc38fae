"""Cases of the review desk that ask the same question."""

from beneficiaries.domain.identity_policy import Candidate, Identity, VerdictReason, compare
from beneficiaries.models import CnsSource, Review
from beneficiaries.services.reviews import ReviewCase, open_reviews
from tests.factories import PersonFactory, cns

WITHOUT_CPF = VerdictReason.WITHOUT_CPF.value


def compared(person, **changes):
    ours = Identity("", person.name, person.birth_date, person.mother_name, person.sex)
    theirs = Candidate(
        **{
            "cpf": person.cpf,
            "name": person.name,
            "birth_date": person.birth_date,
            "mother_name": person.mother_name,
            "sex": person.sex,
            **changes,
        }
    )
    return [field.as_json() for field in compare(ours, theirs)]


def somebody(number):
    """With a mother of her own, or the people of the tests would all be twins."""
    return PersonFactory(mother_name=f"Joana {''.join(chr(ord('A') + int(digit)) for digit in str(number))} Exemplo")


def open_case(number, *, person=None, reason=WITHOUT_CPF, tier="D", **changes):
    person = person or somebody(number)
    open_reviews([ReviewCase(person.pk, cns(number), CnsSource.CNX, tier, reason, "D", compared(person, **changes))])
    return Review.objects.get(person=person, number=cns(number))


def open_cases(count, first=1):
    return [open_case(first + number) for number in range(count)]

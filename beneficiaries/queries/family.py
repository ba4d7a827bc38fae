"""Who belongs together: those who share a contract, and brothers and sisters born on one day."""

from collections.abc import Iterable

from django.db.models import F, Func, Q, QuerySet, Value

from beneficiaries.models import Beneficiary, Person


def family_of(links: Iterable[Beneficiary]) -> QuerySet[Beneficiary]:
    """Those who share a contract with one of these links: the holder and all who depend on him or her."""
    links = list(links)
    holders = {link.holder_id or link.pk for link in links}
    related = Beneficiary.objects.filter(Q(pk__in=holders) | Q(holder__in=holders))
    return related.exclude(pk__in=[link.pk for link in links]).select_related("person").order_by("pk")


def twins_of(person: Person) -> QuerySet[Person]:
    """Of the same birth date and the same mother, as far as she is known."""
    if not person.mother_name:
        return Person.objects.none()
    others = Person.objects.filter(birth_date=person.birth_date).exclude(pk=person.pk).exclude(mother_name="")
    folded = others.annotate(mother_key=Func(F("mother_name"), function="fold_name"))
    return folded.filter(mother_key=Func(Value(person.mother_name), function="fold_name")).order_by("pk")

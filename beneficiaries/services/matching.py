"""Whose row is it: a file's rows brought to people of the registry, or to new ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from beneficiaries.csvfile import NotThisValue, Row
from beneficiaries.likeness import Agreement, likeness
from beneficiaries.models import Beneficiary, Person
from beneficiaries.names import fold
from operators.context import current_operator_id

Key = tuple[str, date, str]  # folded name, birth, folded mother's name

FIELDS = {
    "cpf": "cpf",
    "dn": "dn",
    "pisPasep": "pis_pasep",
    "nome": "name",
    "nomeSocial": "social_name",
    "sexo": "sex",
    "dataNascimento": "birth_date",
    "nomeMae": "mother_name",
    "logradouro": "street",
    "numero": "number",
    "complemento": "complement",
    "bairro": "district",
    "codigoMunicipio": "city_code",
    "cep": "postal_code",
    "email": "email",
    "telefone": "phone",
}
"""Column of the file → field of the person."""


@dataclass
class People:
    """The people that a batch of rows may be about, those made by earlier rows of the batch included."""

    by_cpf: dict[str, Person] = field(default_factory=dict)
    by_key: dict[Key, Person] = field(default_factory=dict)
    by_code: dict[str, Person] = field(default_factory=dict)  # through the link of this code

    def of(self, row: Row) -> Person:
        """The person of the row, new where nobody fits. Raises NotThisValue where the row contradicts the registry."""
        person = self.by_code.get(row.text("codigoBeneficiario"))
        if person is not None:
            return self._of_known_link(row, person)
        person = self.by_cpf.get(row.text("cpf")) or self._without_other_cpf(row)
        if person is None:
            person = Person(operator_id=current_operator_id())
        else:
            _refuse_stranger(row, person)
        return person

    def keep(self, row: Row, person: Person) -> None:
        """Later rows of the batch find this person."""
        self.by_code[row.text("codigoBeneficiario")] = person
        self.by_key.setdefault(_key(person), person)
        if person.cpf:
            self.by_cpf[person.cpf] = person

    def _of_known_link(self, row: Row, person: Person) -> Person:
        holder = self.by_cpf.get(row.text("cpf"), person)
        if holder is not person:
            raise NotThisValue("este CPF é de outra pessoa do cadastro.")
        if person.birth_date != row.day("dataNascimento") and likeness(person.name, row.text("nome")) in OTHERS:
            raise NotThisValue("este código é de outra pessoa: nome e nascimento são outros.")
        return person

    def _without_other_cpf(self, row: Row) -> Person | None:
        """Somebody with the same name, birth and known mother, unless both CPFs are known and differ."""
        person = self.by_key.get(_row_key(row)) if row.text("nomeMae") else None
        return None if person and person.cpf and row.text("cpf") else person


OTHERS = {Agreement.DIFFERENT, Agreement.UNKNOWN}


def _refuse_stranger(row: Row, person: Person) -> None:
    if person.birth_date != row.day("dataNascimento"):
        raise NotThisValue("este CPF já está cadastrado com outra data de nascimento.")
    if likeness(person.name, row.text("nome")) in OTHERS:
        raise NotThisValue("este CPF já está cadastrado com outro nome.")


def people_for(rows: Sequence[Row]) -> People:
    """Everybody these rows may mean, in two queries."""
    codes = [row.text("codigoBeneficiario") for row in rows]
    links = Beneficiary.objects.filter(code__in=codes).select_related("person")
    known: dict[int, Person] = {}  # one object for one person, however many links lead to it
    people = People(by_code={link.code: known.setdefault(link.person_id, link.person) for link in links})
    for found in Person.objects.filter(_may_be_meant(rows)).order_by("-pk"):
        person = known.setdefault(found.pk, found)
        people.by_key[_key(person)] = person
    people.by_cpf = {person.cpf: person for person in known.values() if person.cpf}
    return people


def _may_be_meant(rows: Sequence[Row]) -> Q:
    cpfs = {row.text("cpf") for row in rows} - {""}
    names = {fold(row.text("nome")) for row in rows}
    births = {row.day("dataNascimento") for row in rows}
    return Q(cpf__in=cpfs) | Q(name_key__in=names, birth_date__in=births)


def _key(person: Person) -> Key:
    return fold(person.name), person.birth_date, fold(person.mother_name)


def _row_key(row: Row) -> Key:
    birth = row.day("dataNascimento")
    assert birth  # noqa: S101  (rows without it were rejected)
    return fold(row.text("nome")), birth, fold(row.text("nomeMae"))


def apply_row(row: Row, person: Person) -> dict[str, tuple[object, object]]:
    """Write the row's values into the person; what changed, before and after. A blank never erases."""
    changes: dict[str, tuple[object, object]] = {}
    for column, name in FIELDS.items():
        before, after = getattr(person, name, None), row.values.get(column)
        if after and after != before:
            changes[name] = (before, after)
            setattr(person, name, after)
    person.name_key = fold(person.name)
    return changes

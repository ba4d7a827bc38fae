"""Whose row is it: a file's rows brought to people of the registry, or to new ones."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from beneficiaries.columns import NotThisValue
from beneficiaries.csvfile import Row
from beneficiaries.likeness import Agreement, is_a_name, likeness
from beneficiaries.models import Beneficiary, Person
from beneficiaries.names import fold
from beneficiaries.services.changing import Changes
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
    told: set[int] = field(default_factory=set)  # id() of those whom an earlier row of the file described

    def of(self, row: Row) -> Person:
        """The person of the row, new where nobody fits. Raises NotThisValue where the row contradicts the registry."""
        person = self.by_code.get(row.text("codigoBeneficiario"))
        if person is not None:
            return self._of_known_link(row, person)
        person = self.by_cpf.get(row.text("cpf")) or self._without_other_cpf(row)
        if person is None:
            return Person(operator_id=current_operator_id())
        _refuse_stranger(row, person)
        return person

    def write(self, row: Row, person: Person) -> tuple[Changes, list[str]]:
        """Bring the person up to the row: what changed, and which columns gave way to an earlier row of the file.

        The first row about a person describes it, later ones fill what it left blank: else two links with two
        addresses would take turns at every import. A blank never erases.
        """
        changes: Changes = {}
        overruled = []
        for column, name in FIELDS.items():
            before, after = getattr(person, name), row.values.get(column)
            if not after or after == before:
                continue
            if before and id(person) in self.told:
                overruled += [column] if fold(str(before)) != fold(str(after)) else []
                continue
            changes[name] = (before, after)
            setattr(person, name, after)
        person.name_key = fold(person.name)
        self._keep(row, person)
        return changes, overruled

    def _keep(self, row: Row, person: Person) -> None:
        """Later rows of the batch find this person."""
        self.told.add(id(person))
        self.by_code[row.text("codigoBeneficiario")] = person
        self.by_key.setdefault(_key(person), person)
        if person.cpf:
            self.by_cpf[person.cpf] = person

    def _of_known_link(self, row: Row, person: Person) -> Person:
        """CPF, birth and name may each be mended, but not so much at once that it would be somebody else."""
        if self.by_cpf.get(row.text("cpf"), person) is not person:
            raise NotThisValue("este CPF é de outra pessoa do cadastro.")
        changed = [
            bool(person.cpf and row.text("cpf")) and person.cpf != row.text("cpf"),
            person.birth_date != row.day("dataNascimento"),
            likeness(person.name, row.text("nome")) in OTHERS,
        ]
        if sum(changed) > 1:
            raise NotThisValue("este código é de outra pessoa: CPF, nascimento ou nome não combinam.")
        return person

    def _without_other_cpf(self, row: Row) -> Person | None:
        """Somebody with the same name, birth and known mother, unless both CPFs are known and differ."""
        person = self.by_key.get(_row_key(row)) if is_a_name(row.text("nomeMae")) else None
        return None if person and person.cpf and row.text("cpf") else person


OTHERS = {Agreement.DIFFERENT, Agreement.UNKNOWN}


def _refuse_stranger(row: Row, person: Person) -> None:
    if person.birth_date != row.day("dataNascimento"):
        raise NotThisValue("este CPF já está cadastrado com outra data de nascimento.")
    if likeness(person.name, row.text("nome")) in OTHERS:
        raise NotThisValue("este CPF já está cadastrado com outro nome.")


def people_for(rows: Sequence[Row], links: Iterable[Beneficiary], told: Collection[int]) -> People:
    """Everybody these rows may mean: those of the links, and who looks like them, in one query.

    ``told`` are the people whom earlier batches of the file described.
    """
    known: dict[int, Person] = {}  # one object for one person, however many links lead to it
    people = People(by_code={link.code: known.setdefault(link.person_id, link.person) for link in links})
    for found in Person.objects.filter(_may_be_meant(rows)).exclude(pk__in=list(known)):
        known[found.pk] = found
    for _, person in sorted(known.items(), reverse=True):  # the first one registered is kept
        people.by_key[_key(person)] = person
    people.by_cpf = {person.cpf: person for person in known.values() if person.cpf}
    people.told = {id(person) for pk, person in known.items() if pk in told}
    return people


def _may_be_meant(rows: Sequence[Row]) -> Q:
    cpfs = {row.text("cpf") for row in rows} - {""}
    names = {fold(row.text("nome")) for row in rows}
    births = {row.day("dataNascimento") for row in rows}
    return Q(cpf__in=cpfs) | Q(name_key__in=names, birth_date__in=births)


def _key(person: Person) -> Key:
    return person.name_key, person.birth_date, fold(person.mother_name)


def _row_key(row: Row) -> Key:
    birth = row.day("dataNascimento")
    assert birth  # noqa: S101  (rows without it were rejected)
    return fold(row.text("nome")), birth, fold(row.text("nomeMae"))

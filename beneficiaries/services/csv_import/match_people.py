"""Matches the rows of a file to people of the registry, or to new ones."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from beneficiaries.domain.csv_reader import Row
from beneficiaries.domain.field_comparison import Agreement, compare_names
from beneficiaries.domain.names import fold
from beneficiaries.domain.number_cells import InvalidValue
from beneficiaries.domain.person_columns import PERSON_COLUMNS
from beneficiaries.domain.same_person import (
    PersonFacts,
    SamePerson,
    SamePersonVerdict,
    SiblingFacts,
    are_siblings_of_one_birth,
    compare_people,
    is_real_name,
)
from beneficiaries.models import Beneficiary, CnsNumber, Person
from beneficiaries.services.change_events import Changes
from cnsportal.db.sql_files import read_statements
from operators.context import current_operator_id

_SQL = read_statements("beneficiaries/sql/match_people.sql")

Key = tuple[str, date]  # folded name, birth


FREED = "este CPF era de outra pessoa, a quem este arquivo dá outro. Confira, e importe a linha de novo."


@dataclass
class People:
    """The people that a batch of rows may be about, those made by earlier rows of the batch included.

    People are keyed by id(): those who are new have no key yet.
    """

    by_cpf: dict[str, Person] = field(default_factory=dict)
    by_key: dict[Key, list[Person]] = field(default_factory=lambda: defaultdict(list))
    by_code: dict[str, Person] = field(default_factory=dict)  # through the link of this code
    links: dict[int, list[SiblingFacts]] = field(
        default_factory=dict
    )  # of those whom earlier rows of the file described
    numbers: dict[int, str] = field(default_factory=dict)  # the CNS of each, where it is known
    doubts: dict[int, str] = field(default_factory=dict)  # why somebody new may yet be one who is known

    def of(self, row: Row) -> Person:
        """The person of the row, new where nobody fits. Raises InvalidValue where the row contradicts the registry."""
        person = self.by_code.get(row.text("codigoBeneficiario"))
        if person is not None:
            return self._of_known_link(row, person)
        person = self.by_cpf.get(row.text("cpf"))
        return self._of_cpf(row, person) if person else self._of_name(row)

    def _of_cpf(self, row: Row, person: Person) -> Person:
        if person.cpf != row.text("cpf"):
            raise InvalidValue(FREED)
        verdict = self._verdict(row, person)
        if verdict.answer is not SamePerson.SAME:
            raise InvalidValue(verdict.sentence[0].lower() + verdict.sentence[1:])
        return person

    def _of_name(self, row: Row) -> Person:
        """The only one who is proven to be the person of the row; else somebody new, with the doubt if there is one."""
        verdicts = [(person, self._verdict(row, person)) for person in self.by_key.get(_row_key(row), ())]
        proven = [person for person, verdict in verdicts if verdict.answer is SamePerson.SAME]
        if len(proven) == 1:
            return proven[0]
        new = Person(operator_id=current_operator_id())
        open_answers = {SamePerson.SAME, SamePerson.POSSIBLE}
        doubts = [verdict.sentence for _, verdict in verdicts if verdict.answer in open_answers]
        self.doubts |= {id(new): doubt for doubt in doubts[:1]}
        return new

    def _verdict(self, row: Row, person: Person) -> SamePersonVerdict:
        link = _link_facts(row)
        siblings = any(are_siblings_of_one_birth(link, other) for other in self.links.get(id(person), ()))
        return compare_people(self._facts(person), _row_facts(row), siblings=siblings)

    def _facts(self, person: Person) -> PersonFacts:
        return person.as_facts(cns=self.numbers.get(id(person), ""))

    def write(self, row: Row, person: Person) -> tuple[Changes, list[str]]:
        """Bring the person up to the row: what changed, and which columns gave way to an earlier row of the file.

        The first row about a person describes it, later ones fill what it left blank: else two links with two
        addresses would take turns at every import. A blank never erases.
        """
        changes: Changes = {}
        overruled = []
        for column, name in PERSON_COLUMNS.items():
            before, after = getattr(person, name), row.values.get(column)
            if not after or after == before or _hides_a_name(name, before, after):
                continue
            if before and id(person) in self.links:
                overruled += [column] if fold(str(before)) != fold(str(after)) else []
                continue
            changes[name] = (before, after)
            setattr(person, name, after)
        person.name_key = fold(person.name)
        self._remember(row, person)
        return changes, overruled

    def _remember(self, row: Row, person: Person) -> None:
        """Later rows of the batch find this person."""
        self.links.setdefault(id(person), []).append(_link_facts(row))
        self.by_code[row.text("codigoBeneficiario")] = person
        if row.text("cns"):
            self.numbers.setdefault(id(person), row.text("cns"))
        if not any(known is person for known in self.by_key[_key(person)]):
            self.by_key[_key(person)].append(person)
        if person.cpf:
            self.by_cpf[person.cpf] = person

    def _of_known_link(self, row: Row, person: Person) -> Person:
        """CPF, birth and name may each be corrected, but not so much at once that it would be somebody else."""
        if self.by_cpf.get(row.text("cpf"), person) is not person:
            raise InvalidValue("este CPF é de outra pessoa do cadastro.")
        changed = [
            bool(person.cpf and row.text("cpf")) and person.cpf != row.text("cpf"),
            person.birth_date != row.day("dataNascimento"),
            compare_names("nome", person.name, row.text("nome")).agreement is Agreement.DIFFERENT,
        ]
        if sum(changed) > 1:
            raise InvalidValue("este código é de outra pessoa: CPF, nascimento ou nome não combinam.")
        return person


NAMES = {"name", "mother_name"}


def _hides_a_name(name: str, before: object, after: object) -> bool:
    """A child who has a name is not called newborn again by an older list."""
    return name in NAMES and is_real_name(str(before or "")) and not is_real_name(str(after))


def people_for(
    rows: Sequence[Row],
    links: Iterable[Beneficiary],
    earlier: Mapping[int, list[SiblingFacts]],
    earlier_numbers: Mapping[int, str],
) -> People:
    """Everybody these rows may mean: those of the links, and who looks like them, with their numbers: two queries.

    ``earlier`` are the people whom earlier batches of the file described, with the links that these gave them;
    ``earlier_numbers`` what these say of their CNS.
    """
    known: dict[int, Person] = {}  # one object for one person, however many links lead to it
    people = People(by_code={link.code: known.setdefault(link.person_id, link.person) for link in links})
    for found in Person.objects.filter(pk__in=_may_be_meant(rows) - set(known)):
        known[found.pk] = found
    for _, person in sorted(known.items()):
        people.by_key[_key(person)].append(person)
    people.by_cpf = {person.cpf: person for person in known.values() if person.cpf}
    people.links = {id(person): earlier[pk] for pk, person in known.items() if pk in earlier}
    numbers = CnsNumber.objects.current().filter(person__in=list(known)).values_list("person_id", "number")
    people.numbers = {
        id(known[pk]): number for pk, number in {**earlier_numbers, **dict(numbers)}.items() if pk in known
    }
    return people


def _may_be_meant(rows: Sequence[Row]) -> set[int]:
    """Who has the CPF of a row, or its name and birth date."""
    keys = [_row_key(row) for row in rows]
    about: dict[str, Any] = {
        "operator": current_operator_id(),
        "cpfs": [row.text("cpf") for row in rows if row.text("cpf")],
        "names": [name for name, _ in keys],
        "births": [birth for _, birth in keys],
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL["may_be_meant"], about)
        return {pk for (pk,) in cursor.fetchall()}


def _key(person: Person) -> Key:
    return person.name_key, person.birth_date


def _row_key(row: Row) -> Key:
    birth = row.day("dataNascimento")
    assert birth  # noqa: S101  (rows without it were rejected)
    return fold(row.text("nome")), birth


def _row_facts(row: Row) -> PersonFacts:
    return PersonFacts(
        cpf=row.text("cpf"),
        name=row.text("nome"),
        birth_date=row.day("dataNascimento"),
        mother_name=row.text("nomeMae"),
        dn=row.text("dn"),
        sex=row.text("sexo"),
        pis_pasep=row.text("pisPasep"),
        cns=row.text("cns"),
    )


def _link_facts(row: Row) -> SiblingFacts:
    holder = row.text("codigoBeneficiarioTitular")
    return SiblingFacts(
        holder="" if holder == row.text("codigoBeneficiario") else holder,
        plan=row.text("numeroPlanoANS") or row.text("numeroPlanoOperadora"),
        contracted_on=row.day("dataContratacao"),
    )

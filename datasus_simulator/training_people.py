"""People for training: one for each kind of record and one for each fault, under CPFs that never change.

Of each there is what the operator holds and what the registry answers. Nobody is real; the check digits are good.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256

from beneficiaries.domain.identifiers import cns_from_base, cns_from_prefix, cpf_from_base
from beneficiaries.domain.names import fold
from datasus_simulator.behaviours import Behaviour, ScheduledBehaviour
from datasus_simulator.captions import caption
from datasus_simulator.people import CnsKind, Number, Person

TOKEN_ALONE = frozenset({Behaviour.NO_ACCESS_TOKEN, Behaviour.OPAQUE_TOKEN})
FAULTS_ONCE = (Behaviour.TOKEN_401, Behaviour.UNAVAILABLE, Behaviour.TOO_MANY, Behaviour.RESET)
_NAMES = ("Ana", "Beatriz", "Cecília", "Dalva", "Elisa", "Flávia", "Glória", "Helena", "Inês", "Joana")
_MIDDLES = ("Moreira", "Conceição", "Guimarães", "Sant'Ana", "Araújo", "Brandão", "Muniz", "Falcão", "Leitão", "Luz")
_FIRST_BIRTH, _BIRTH_DAYS = date(1948, 1, 10), 20_011  # days; a prime number, so that neighbours lie apart
_NAMESAKE_COUNT = 60  # more than one page


@dataclass(frozen=True, slots=True)
class TrainingCase:
    title: str
    held: Person
    """As the operator knows the person."""
    records: tuple[Person, ...]
    """What the registry holds under that CPF, or under that name."""


def _training_person(ordinal: int, cpf_base: int) -> Person:
    tens, ones = divmod(ordinal % 100, 10)
    family = f"{_MIDDLES[(tens + ordinal // 100) % 10]} de Treino"
    return Person(
        key=f"treino-{cpf_base}",
        cpf=cpf_from_base(str(cpf_base)),
        numbers=(_definitive(cpf_base),),
        name=f"{_NAMES[ones]} {family}",
        mother_name=f"Maria {family}",
        birth_date=f"{_FIRST_BIRTH + timedelta(days=ordinal * 37 % _BIRTH_DAYS):%Y%m%d}",
        sex="F",
        birth_city="530010",
    )


def _definitive(base: int, kind: CnsKind = CnsKind.DEFINITIVE) -> Number:
    return Number(cns_from_base(f"1{base:010d}"), kind)


def _later(base: int, first: str, kind: CnsKind, index: int = 0) -> Number:
    """A number of the series 7, 8 or 9; some beginnings have no last digit, so the next one is taken."""
    prefixes = (f"{first}{base:09d}{tail:04d}" for tail in range(index * 10, index * 10 + 10))
    return Number(next(filter(None, map(cns_from_prefix, prefixes))), kind)


# ---- the shapes of a record -----------------------------------------------------------------------------------------


_SHAPES_BASE = 999_000_000
_PROVISIONAL, _DEFINITIVE, _OLD = CnsKind.PROVISIONAL, CnsKind.DEFINITIVE, CnsKind.OLD


def _shapes() -> Iterator[TrainingCase]:
    """The order within each group is part of the CPFs: new shapes go to the end of theirs."""
    for group, cases in enumerate((_of_numbers, _of_names, _of_records, _of_several, _without_cpf)):
        yield from cases(
            _training_person(ordinal, _SHAPES_BASE + ordinal) for ordinal in range(group * 100, group * 100 + 100)
        )


def _of_numbers(people: Iterator[Person]) -> Iterator[TrainingCase]:
    yield _case("um CNS definitivo", next(people))
    person, base = _based(people)
    more = (_later(base, "8", _PROVISIONAL, index) for index in range(3))
    yield _case("um definitivo e três provisórios", person, numbers=(*person.numbers, *more))
    person, base = _based(people)
    yield _case("só provisório", person, numbers=(_later(base, "8", _PROVISIONAL),))
    person, base = _based(people)
    yield _case("dois definitivos", person, numbers=(*person.numbers, _later(base, "7", _DEFINITIVE)))
    person, base = _based(people)
    crossed = (_later(base, "7", _PROVISIONAL), _later(base, "8", _DEFINITIVE))
    yield _case("definitivo que começa por 8, provisório por 7", person, numbers=crossed)
    person, base = _based(people)
    renewed = (_definitive(base, _OLD), _later(base, "7", _DEFINITIVE))
    yield _case(f"CNS antigo ({renewed[0].digits}) que leva a um novo", person, numbers=renewed)
    yield _case("nenhum CNS", next(people), numbers=())
    yield _case("CNS sem dizer se é definitivo", next(people), behaviours=_scheduled(Behaviour.NO_KIND))
    yield _case("CNS com dígito errado", next(people), behaviours=_scheduled(Behaviour.BAD_CHECK_DIGIT))


def _of_names(people: Iterator[Person]) -> Iterator[TrainingCase]:
    yield _case("nome social", next(people), social_name="Clara de Treino")
    person = next(people)
    yield _case("o registro não tem acentos", person, name=fold(person.name), mother_name=fold(person.mother_name))
    person = replace(next(people), name="Cecilia Conceicao de Treino")
    yield _case("só o registro tem acentos", person, name="CECÍLIA CONCEIÇÃO DE TREINO")
    person = replace(next(people), name="Dalva Regina Conceição de Treino")
    yield _case("nome do meio abreviado no registro", person, name="DALVA R CONCEICAO DE TREINO")
    person = replace(next(people), name="Elisa Conceição de Treino Casada")
    yield _case("sobrenome de solteira no registro", person, name="ELISA CONCEICAO DE TREINO")
    yield _case("sem nome da mãe", next(people), mother_name="")
    yield _case("mãe «SEM INFORMAÇÃO»", next(people), mother_name="SEM INFORMAÇÃO")
    yield _case("pai conhecido", next(people), father_name="José de Treino")
    person = next(people)
    yield _case("mãe e pai trocados", person, mother_name="José de Treino", father_name=person.mother_name)


def _of_records(people: Iterator[Person]) -> Iterator[TrainingCase]:
    yield _case("óbito sem data", next(people), is_deceased=True)
    yield _case("óbito com data", next(people), is_deceased=True, died_on="20240131")
    yield _case("registro inativo", next(people), is_active=False)
    yield _case("confidencialidade restrita", next(people), behaviours=_scheduled(Behaviour.RESTRICTED))
    hidden = _scheduled(Behaviour.VERY_RESTRICTED, Behaviour.FEWER_DATA)
    yield _case("confidencialidade muito restrita, com menos dados", next(people), behaviours=hidden)
    yield _case("pessoa VIP", next(people), behaviours=_scheduled(Behaviour.VIP))
    yield _case("endereço no exterior", next(people), birth_city="", behaviours=_scheduled(Behaviour.FOREIGN_ADDRESS))
    yield _case("o registro não mostra o CPF", next(people), behaviours=_scheduled(Behaviour.NO_CPF))
    person = next(people)
    other_day = "02" if person.birth_date.endswith("01") else "01"
    yield _case("outro dia de nascimento", person, birth_date=person.birth_date[:6] + other_day)
    yield _case("sem data de nascimento", next(people), birth_date="")
    yield _case("sexo ignorado", next(people), behaviours=_scheduled(Behaviour.UNKNOWN_SEX))
    yield _case("muitos outros documentos", next(people), behaviours=_scheduled(Behaviour.MANY_DOCUMENTS))
    yield _case("pontuação baixa", next(people), behaviours=_scheduled(Behaviour.LOW_SCORE))


def _of_several(people: Iterator[Person]) -> Iterator[TrainingCase]:
    person, base = _based(people)
    stranger = replace(person, name="Rosa Fictícia dos Santos", mother_name="Lia Fictícia", birth_date="19500101")
    yield TrainingCase("o CPF é de outra pessoa", person, (stranger,))
    person, base = _based(people)
    child = replace(
        person, name=f"Luísa {person.name.partition(' ')[2]}", mother_name=person.name, birth_date="20150307"
    )
    yield TrainingCase("criança cadastrada com o CPF da mãe", child, (person,))
    person, base = _based(people)
    yield TrainingCase("o CPF é da irmã gêmea", replace(person, name=f"Lia {person.name.partition(' ')[2]}"), (person,))
    person, base = _based(people)
    again = replace(person, key=f"{person.key}-b", numbers=(_later(base, "7", _DEFINITIVE),))
    yield TrainingCase("a mesma pessoa em dois registros", person, (person, again))
    person, base = _based(people)
    other = replace(person, key=f"{person.key}-b", name="Outra Pessoa de Treino", birth_date="19700405")
    yield TrainingCase(
        "duas pessoas no mesmo CPF", person, (person, replace(other, numbers=(_later(base, "7", _DEFINITIVE),)))
    )
    yield TrainingCase("não encontrada", next(people), ())


def _without_cpf(people: Iterator[Person]) -> Iterator[TrainingCase]:
    person = replace(next(people), cpf="")
    yield _case("sem CPF, uma só pessoa com nome, nascimento e mãe", person)
    baby = replace(next(people), cpf="", birth_date="20261101", dnv="12345678901")
    yield _case("recém-nascida, só com DNV", baby)
    person, base = _based(people)
    person = replace(person, cpf="", name="Maria de Treino")
    homonyms = (
        replace(person, key=f"{person.key}-{index}", numbers=(_later(base, "7", _DEFINITIVE, index),))
        for index in range(_NAMESAKE_COUNT)
    )
    yield TrainingCase(f"sem CPF, {_NAMESAKE_COUNT} homônimas (mais de uma página)", person, tuple(homonyms))


def _case(title: str, held: Person, **differences: object) -> TrainingCase:
    """One record, which differs from what the operator holds."""
    return TrainingCase(title, held, (replace(held, **differences),))  # type: ignore[arg-type]


def _based(people: Iterator[Person]) -> tuple[Person, int]:
    person = next(people)
    return person, int(person.key.rpartition("-")[2])


def _scheduled(*behaviours: Behaviour) -> frozenset[ScheduledBehaviour]:
    return frozenset(map(ScheduledBehaviour, behaviours))


# ---- the faults -----------------------------------------------------------------------------------------------------


_FAULTS_BASE = 998_000_000


def _faults() -> Iterator[TrainingCase]:
    """A fault's CPF follows from its name alone, so that it outlives every change of this list."""
    for scheduled in (
        *(ScheduledBehaviour(behaviour) for behaviour in Behaviour if behaviour not in TOKEN_ALONE),
        *(ScheduledBehaviour(behaviour, once=True) for behaviour in FAULTS_ONCE),
    ):
        ordinal = int(sha256(str(scheduled).encode()).hexdigest(), 16) % 1_000_000
        social_name = "Clara de Treino" if scheduled.behaviour is Behaviour.SOCIAL_NAME_FIRST else ""
        person = replace(_training_person(ordinal, _FAULTS_BASE + ordinal), social_name=social_name)
        yield _case(caption(scheduled), person, behaviours=frozenset({scheduled}))


SHAPES = tuple(_shapes())
FAULTS = tuple(_faults())
PEOPLE: tuple[Person, ...] = tuple(person for case in (*SHAPES, *FAULTS) for person in case.records)

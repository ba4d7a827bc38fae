"""The outcomes in groups for clerks: what will be written, what needs a decision, who lacks what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique

from sib.domain.reconcile import Outcome


@unique
class Group(Enum):
    """Title, what is in it, what applying does to it, and its outcomes in the order in which they are shown."""

    WRITE = (
        "Será gravado",
        "A ANS traz um CNS e a identidade confere.",
        "Aplicar grava estes números no cadastro.",
        (Outcome.CNS_NEW, Outcome.CNS_CHANGED, Outcome.CNS_CONFIRMED),
    )
    DECIDE = (
        "Precisa de alguém",
        "O portal não decide sozinho: há dúvida sobre a pessoa ou sobre o número.",
        "Aplicar abre uma revisão de cada dúvida e avisa na pessoa se o CCO é de outra. Nenhum número é gravado.",
        (
            Outcome.REVIEW, Outcome.OTHER_PERSON, Outcome.CNS_REPEATED, Outcome.CNS_INVALID, Outcome.CNS_LOST,
            Outcome.REPEATED,
        ),
    )  # fmt: skip
    MISSING_AT_ANS = (
        "Falta na ANS",
        "O cadastro tem o vínculo ou o número; a ANS não.",
        "Aplicar não muda nada aqui: o que temos fica. A correção vai à ANS em um arquivo SBX.",
        (Outcome.CNS_BLANK, Outcome.ONLY_HERE, Outcome.CANCELLED_AT_ANS),
    )
    MISSING_HERE = (
        "Falta no cadastro",
        "A ANS tem o vínculo e nós não, ou falta um dado que a ANS exige.",
        "Aplicar não inventa dados: complete o cadastro ou consulte o DATASUS.",
        (
            Outcome.ONLY_AT_ANS, Outcome.ACTIVE_AT_ANS, Outcome.HOLDER_WITHOUT_CNS, Outcome.CNS_ABSENT_WITH_CPF,
            Outcome.WITHOUT_CNS, Outcome.CPF_MISSING, Outcome.ONLY_AT_ANS_INACTIVE,
        ),
    )  # fmt: skip
    DIVERGENT = (
        "Diferente nos dois lados",
        "A pessoa e o número são os mesmos, mas outro dado não confere.",
        "Aplicar só grava o CCO onde ele faltava. Os outros dados ficam como estão.",
        (Outcome.DIVERGENT,),
    )
    EQUAL = (
        "Igual",
        "Cadastro e ANS dizem o mesmo.",
        "Não há o que fazer. Estes registros são contados, mas não listados.",
        (Outcome.EQUAL,),
    )

    def __init__(self, title: str, meaning: str, effect: str, outcomes: tuple[Outcome, ...]) -> None:
        self.title = title
        self.meaning = meaning
        self.effect = effect
        self.outcomes = outcomes


IN_ORDER: tuple[str, ...] = tuple(
    outcome.name for group in Group if group is not Group.EQUAL for outcome in group.outcomes
)
"""Every outcome that is listed, as the pages list them."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An outcome of one conference: how many records, and how many of them wait to be applied."""

    outcome: Outcome
    count: int
    left: int


@dataclass(frozen=True, slots=True)
class CountedGroup:
    group: Group
    outcomes: tuple[Counted, ...]

    @property
    def count(self) -> int:
        return sum(each.count for each in self.outcomes)

    @property
    def left(self) -> int:
        return sum(each.left for each in self.outcomes)


def grouped(counts: Mapping[str, int], left: Mapping[str, int]) -> list[CountedGroup]:
    """Groups that have something in them, and of each the outcomes that do; both mappings by outcome's name."""
    found = [
        CountedGroup(
            group,
            tuple(
                Counted(outcome, counts[outcome.name], left.get(outcome.name, 0))
                for outcome in group.outcomes
                if counts.get(outcome.name)
            ),
        )
        for group in Group
    ]
    return [each for each in found if each.outcomes]

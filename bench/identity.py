"""The identity policy against the labelled set (tests/labelled): who is put where, and who attaches by itself.

Recall is strict: of the true pairs that the written policy puts in tier A or B, the share whose right number attaches
by itself under the operator's most generous policy (B); those left to the review desk count as missed. Placement is
the share of them that the policy puts in tier A or B at all, attached or one key away.
"""

import time
from collections import Counter
from dataclasses import dataclass, field

from beneficiaries.domain.identity_policy import Action, Tier, Verdict, decide_identity
from tests.labelled import TODAY, Pair, labelled

PROVEN = frozenset({Tier.A, Tier.B})
ALLOWED = {"NONE": frozenset[Tier](), "A": frozenset({Tier.A}), "B": PROVEN}
"""What the operator lets act by itself → the tiers of which recall is asked."""

GROUPS = {"same": "one person", "twins": "twins, namesakes, relatives", "wrong": "CPF typed wrong"}


@dataclass
class Figures:
    """Of one policy of the operator over a set of pairs."""

    auto_tier: str
    placed: Counter[tuple[str, str, Tier]] = field(default_factory=Counter)  # group, written tier, tier
    done: Counter[tuple[str, Action]] = field(default_factory=Counter)  # group, action
    attached: Counter[str] = field(default_factory=Counter)  # kind
    missed: Counter[str] = field(default_factory=Counter)  # kind, of the true pairs that recall is about
    proven: int = 0  # how many they are
    in_place: int = 0  # how many of them came to the tiers asked
    wrong: list[Pair] = field(default_factory=list)
    seconds: float = 0

    @property
    def attachments(self) -> int:
        return self.attached.total()

    @property
    def precision(self) -> float:
        return 1 - len(self.wrong) / self.attachments

    @property
    def recall(self) -> float:
        return 1 - self.missed.total() / self.proven

    @property
    def placement(self) -> float:
        return self.in_place / self.proven


def measure(pairs: tuple[Pair, ...], auto_tier: str) -> Figures:
    began = time.perf_counter()
    verdicts = [
        decide_identity(pair.ours, pair.candidates, auto_tier=auto_tier, today=TODAY, has_twin=pair.has_twin)
        for pair in pairs
    ]
    figures = Figures(auto_tier, seconds=time.perf_counter() - began)
    for pair, verdict in zip(pairs, verdicts, strict=True):
        _count(figures, pair, verdict)
    return figures


def _count(figures: Figures, pair: Pair, verdict: Verdict) -> None:
    figures.placed[pair.group, pair.tier, verdict.tier] += 1
    figures.done[pair.group, verdict.action] += 1
    attaches = verdict.action is Action.ATTACH
    figures.attached[pair.kind] += attaches
    if attaches and not pair.is_same:
        figures.wrong.append(pair)
    allowed = ALLOWED[figures.auto_tier]
    if pair.is_same and pair.tier in allowed:
        figures.proven += 1
        figures.in_place += verdict.tier in allowed
        figures.missed[pair.kind] += not attaches


def table() -> list[str]:
    pairs = labelled()
    usual, generous = measure(pairs, "A"), measure(pairs, "B")
    lines = [f"{'identity: written policy / judged':<40}" + "".join(f"{tier:>8}" for tier in Tier)]
    written = Counter((pair.group, pair.tier) for pair in pairs)
    for group, tier in written:
        judged = "".join(f"{generous.placed[group, tier, put] or '–':>8}" for put in Tier)
        lines.append(f"{GROUPS[group]:<30}{tier:<10}{judged}")
    return [*lines, *map(_summary, (usual, generous))]


def _summary(figures: Figures) -> str:
    return (
        f"operator allows {figures.auto_tier}: {figures.attachments:,} attached alone, {len(figures.wrong)} wrong; "
        f"precision {figures.precision:.2%}, recall {figures.recall:.2%}, in their tier {figures.placement:.2%}; "
        f"{figures.seconds / sum(figures.done.values()) * 1e6:.0f} µs a pair"
    )

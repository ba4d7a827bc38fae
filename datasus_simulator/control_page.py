"""The control page, in Portuguese, for trainers and for trying the portal; it works without JavaScript."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from beneficiaries.domain.identifiers import cpf_is_valid, format_cpf
from datasus_simulator.behaviours import Behaviour, ScheduledBehaviour
from datasus_simulator.captions import CAPTIONS, caption
from datasus_simulator.control_forms import ENDPOINTS, daily_name
from datasus_simulator.html import Form, Html, button, chip, document, markup, panel, table
from datasus_simulator.outages import BRASILIA
from datasus_simulator.request_log import Entry
from datasus_simulator.runtime_settings import Switches
from datasus_simulator.state import State
from datasus_simulator.training_files import birth_date, shown_cpf
from datasus_simulator.training_people import FAULTS, SHAPES, TrainingCase

_RECENT_ENTRIES = 20  # entries of the journal
_ENDPOINT_NAMES = {"query": "toda consulta", "token": "todo pedido de token", "continuation": "toda continuação"}
_KINDS = {
    "cpf": "CPF",
    "cns": "CNS",
    "nis": "NIS",
    "traits": "nome e dados",
    "local": "outro identificador",
    "continue": "continuação",
}
_ENDPOINT_LABELS = {"token": "token", "query": "consulta"}
_BEHAVIOURS = {"": {str(behaviour): CAPTIONS[behaviour] for behaviour in Behaviour}}
_AWAY = {
    "": {
        str(behaviour): CAPTIONS[behaviour]
        for behaviour in (Behaviour.HTML_503, Behaviour.UNAVAILABLE, Behaviour.FAULT_500, Behaviour.HTML_200,
                          Behaviour.RESET, Behaviour.SLOW_40S, Behaviour.TOO_MANY, Behaviour.EMPTY)
    }
}  # fmt: skip


def control_page(state: State, form: Form | None = None, done: str = "") -> str:
    """``form`` is one that was refused, to be shown again as it was filled in; ``done`` tells that one was taken."""
    switches = state.switches
    forms = {form.action: form} if form else {}
    news = f'<div class="messages"><p class="message tone-good" role="status">{markup(done)}</p></div>' if done else ""
    return document(
        "Controle",
        f"{_header(switches)}{news}"
        f'<div class="control__columns">{_outages(switches, forms)}{_faults(switches, forms)}'
        f"{_times(switches, forms)}{_certificates(state, forms)}</div>"
        f"{_counters(state)}{_recent(state)}",
    )


def people_page() -> str:
    back = '<a class="back-link" href="/__control/page">Voltar ao controle</a>'
    header = (
        f'<header class="page-header"><div class="page-header__text">{back}<h1>Pessoas de treino</h1></div></header>'
    )
    return document("Pessoas de treino", header + _people("Formas de registro", SHAPES) + _people("Falhas", FAULTS))


def _people(title: str, cases: tuple[TrainingCase, ...]) -> Html:
    rows = [(shown_cpf(case.held), case.held.name, birth_date(case.held), case.title) for case in cases]
    return panel(title, table(("CPF", "Nome", "Nascimento", "Caso"), rows, nothing=""))


def _header(switches: Switches) -> str:
    away = switches.outage_now
    state = chip("bad", "Fora do ar") if away else chip("good", "Respondendo")
    return (
        f'<header class="page-header"><div class="page-header__text"><h1>Controle do simulador</h1><p>{state}</p></div>'
        '<div class="actions"><a class="button" href="/__control/people">Pessoas de treino</a>'
        '<a class="button" href="/__control/page">Atualizar</a>'
        f"{button('Voltar ao começo', 'Desfazer tudo e voltar ao começo', action='reset')}</div></header>"
    )


# ---- outages --------------------------------------------------------------------------------------------------------


def _outages(switches: Switches, forms: Mapping[str, Form]) -> Html:
    once, daily = forms.get("outage", Form("outage")), forms.get("daily", Form("daily"))
    minutes = {"inputmode": "numeric"}
    return panel(
        "Fora do ar",
        table(("Quando", "Como", ""), _marked(switches), nothing="Nenhuma queda marcada."),
        once.of(
            [
                once.text("minutes", "Duração (minutos)", 5, **minutes),
                once.text("in_minutes", "Daqui a (minutos)", 0, **minutes),
                once.select("behaviour", "Como responde", _AWAY),
            ],
            "Tirar do ar",
            "form--line",
        ),
        daily.of(
            [
                daily.text("from", "Todo dia, das", "22:00", type="time"),
                daily.text("to", "até as", "06:00", type="time"),
                daily.select("behaviour", "Como responde", _AWAY),
            ],
            "Marcar todo dia",
            "form--line",
        ),
    )


def _marked(switches: Switches) -> Iterator[tuple[str, str, Html]]:
    if switches.outage and switches.outage.ends > monotonic():
        begins, ends = (_clock(moment) for moment in (switches.outage.begins, switches.outage.ends))
        ending = button("Encerrar", "Encerrar a queda", action="end_outage")
        yield f"de {begins} a {ends}", _captions(switches.outage.behaviours), ending
    for each in switches.outages:
        when = f"todo dia, das {each.begins:%H:%M} às {each.ends:%H:%M}"
        ending = button("Tirar", f"Tirar a queda de {when}", action="remove_daily", daily=daily_name(each.wanted))
        yield when, _captions(each.behaviours), ending


def _clock(moment: float) -> str:
    """A moment of the monotonic clock as date and time of Brasília."""
    then = datetime.now(BRASILIA) + timedelta(seconds=moment - monotonic())
    return f"{then:%d/%m/%Y %H:%M}"


def _captions(behaviours: frozenset[Behaviour]) -> str:
    return "; ".join(CAPTIONS[behaviour] for behaviour in sorted(behaviours))


# ---- faults ---------------------------------------------------------------------------------------------------------


def _faults(switches: Switches, forms: Mapping[str, Form]) -> Html:
    form = forms.get("add_fault", Form("add_fault"))
    where = {"": {"number": "um número", **_ENDPOINT_NAMES}}
    return panel(
        "Falhas",
        table(("Onde", "O quê", ""), _active(switches), nothing="Nenhuma falha: todos são bem atendidos."),
        form.of(
            [
                form.select("where", "Onde", where),
                form.text("number", "Número (CPF, CNS ou NIS)", inputmode="numeric"),
                form.select("behaviour", "O que acontece", _BEHAVIOURS),
                form.check("once", "Só na primeira vez"),
            ],
            "Acrescentar falha",
        ),
    )


def _active(switches: Switches) -> Iterator[tuple[str, str, Html]]:
    for door in ENDPOINTS:
        for behaviour in sorted(getattr(switches, door)):
            yield _ENDPOINT_NAMES[door], CAPTIONS[behaviour], _remover(ScheduledBehaviour(behaviour), where=door)
    for key, behaviours in switches.faults.items():
        for scheduled in sorted(behaviours, key=str):
            shown = format_cpf(key) if cpf_is_valid(key) else key
            yield shown, caption(scheduled), _remover(scheduled, where="number", number=key)


def _remover(scheduled: ScheduledBehaviour, **where: str) -> Html:
    return button("Tirar", f"Tirar: {caption(scheduled)}", action="remove_fault", scheduled=str(scheduled), **where)


# ---- times and tokens -----------------------------------------------------------------------------------------------


def _times(switches: Switches, forms: Mapping[str, Form]) -> Html:
    form = forms.get("times", Form("times"))
    shortest, longest = switches.latency_ms
    said = "" if switches.expires_in is None else switches.expires_in
    whole = {"inputmode": "numeric"}
    return panel(
        "Tempos e tokens",
        form.of(
            [
                form.text("latency_from", "Demora da resposta: de (ms)", shortest, **whole),
                form.text("latency_to", "até (ms)", longest, **whole),
                form.text("token_lifetime", "Vida do token (segundos)", switches.token_lifetime, **whole),
                form.text("expires_in", "expires_in que o token diz (ms)", said, hint="Em branco: a verdade.", **whole),
                form.text(
                    "clock_offset", "Relógio adiantado (segundos)", switches.clock_offset, hint="Negativo: atrasado."
                ),
                form.text("page_size", "Pessoas por resposta", switches.page_size, **whole),
                form.check(
                    "certificate_by_http",
                    "Certificado ausente ou revogado recebe 401",
                    is_on=switches.certificate_by_http,
                ),
            ],
            "Guardar",
            "form form--grid",
        ),
    )


# ---- certificates ---------------------------------------------------------------------------------------------------


def _certificates(state: State, forms: Mapping[str, Form]) -> Html:
    form = forms.get("certificate", Form("certificate"))
    treatments = {"": {"revoked": "revogado", "uncredentialed": "sem credencial (403)", "accepted": "aceito"}}
    rows = (_certificate(state, fingerprint) for fingerprint in _known(state))
    return panel(
        "Certificados",
        table(("Titular", "Situação", ""), rows, nothing="Nenhum certificado veio buscar um token ainda."),
        form.of(
            [
                form.text("fingerprint", "Impressão digital SHA-256"),
                form.select("treatment", "Passa a ser", treatments),
            ],
            "Aplicar",
            "form--line",
        ),
    )


def _known(state: State) -> list[str]:
    return list(dict.fromkeys([*state.holders, *sorted(state.switches.revoked | state.switches.uncredentialed)]))


def _certificate(state: State, fingerprint: str) -> tuple[Html, Html, Html]:
    holder = state.holders.get(fingerprint, "desconhecido")
    name = Html(f'<span class="table__main">{markup(holder)}</span><span class="table__sub">{fingerprint[:16]}…</span>')
    if fingerprint in state.switches.revoked:
        standing, turn = chip("bad", "Revogado"), ("Aceitar", "accepted")
    elif fingerprint in state.switches.uncredentialed:
        standing, turn = chip("warn", "Sem credencial"), ("Aceitar", "accepted")
    else:
        standing, turn = chip("good", "Aceito"), ("Revogar", "revoked")
    label, treatment = turn
    act = button(label, f"{label}: {holder}", action="certificate", fingerprint=fingerprint, treatment=treatment)
    return name, standing, act


# ---- what happened --------------------------------------------------------------------------------------------------


def _counters(state: State) -> Html:
    rows = [(name, number) for name, number in sorted(state.journal.counters.items())]
    return panel(
        "Pedidos desde o começo", table(("Resposta", "Vezes"), map(_named, rows), nothing="Nenhum pedido ainda.")
    )


def _named(row: tuple[str, int]) -> tuple[str, int]:
    door, _, answer = row[0].partition(" ")
    if door == "handshake":
        return "conexões recusadas sem certificado aceito", row[1]
    return f"{_ENDPOINT_LABELS[door]}: {_answer(answer)}" if answer else f"{_ENDPOINT_LABELS[door]}, ao todo", row[1]


def _answer(answer: str) -> str:
    meanings = {"reset": "conexão cortada", "200 OK": "200 OK, encontrada", "200 NF": "200 NF, não encontrada"}
    return meanings.get(answer, answer)


def _recent(state: State) -> Html:
    rows = (_entry(entry, state.holders) for entry in reversed(state.journal.last(_RECENT_ENTRIES)))
    heads = ("Quando", "Porta", "Titular do token", "Procura por", "Cifra do número", "Resposta")
    note = f"Os últimos {_RECENT_ENTRIES}, sem dados de ninguém"
    return panel("Pedidos recentes", table(heads, rows, nothing="Nenhum pedido ainda."), aside=note)


def _entry(entry: Entry, holders: Mapping[str, str]) -> tuple[str, ...]:
    when = datetime.fromisoformat(entry.at).replace(tzinfo=UTC).astimezone(BRASILIA)
    client = holders.get(entry.client, entry.client[:16]) or "—"
    kind, digest = _KINDS.get(entry.kind, "—"), entry.subject or "—"
    return f"{when:%d/%m/%Y %H:%M:%S}", _ENDPOINT_LABELS[entry.door], client, kind, digest, _answer(entry.answer)

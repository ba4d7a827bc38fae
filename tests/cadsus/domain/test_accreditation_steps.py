"""The way into DATASUS as a rule: what people wrote and what the portal sees make one path, and say what is next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadsus.domain.accreditation_steps import ACTIONS, NEEDS, Facts, Step, StepNotes, path
from cadsus.domain.sgop import Machine, Position, SgopRole, SgopState, StaffMember

TODAY = date(2026, 11, 23)
BEFORE = date(2026, 11, 2)
DONE = (SgopState.DONE, BEFORE)
TODO = (SgopState.TODO, None)
GOOD_MACHINE = Machine(BEFORE, SgopState.DONE, BEFORE)


def _member(role=SgopRole.OPERADOR, cns=DONE, govbr=DONE, access=DONE, machines=(GOOD_MACHINE,), **more):
    return StaffMember(role, cns, govbr, access, tuple(machines), **more)


def _states(written=None, facts=None):
    stages = path(written or {}, facts or Facts(), TODAY).stages
    return {stage.step: stage.state for stage in stages if stage.state != SgopState.TODO}


def _stage(step, written=None, facts=None):
    return next(stage for stage in path(written or {}, facts or Facts(), TODAY).stages if stage.step == step)


def test_path_begins_with_nothing_done_and_the_cnes_next():
    fresh = path({}, Facts(), TODAY)

    assert (fresh.done, fresh.missing, fresh.next.step, fresh.next.number) == (0, 6, Step.CNES, 1)
    assert fresh.next.next == (
        "No site do CNES, em “Obter CNES”, pedir o número da sede (tipo 68, subtipo 05) e gravá-lo aqui."
    )


def test_path_sees_by_itself_what_the_portal_knows():
    facts = Facts(
        cnes="1234567",
        certificate=(BEFORE, date(2027, 11, 2)),
        answered_on=date(2026, 11, 20),
        members=(_member(SgopRole.ADMINISTRADOR), _member()),
    )

    whole = path({Step.GOVBR: StepNotes(SgopState.DONE, BEFORE)}, facts, TODAY)

    assert [(stage.state, stage.since) for stage in whole.stages] == [
        (SgopState.DONE, None),
        (SgopState.DONE, BEFORE),
        (SgopState.DONE, BEFORE),
        (SgopState.DONE, date(2026, 11, 20)),
        (SgopState.DONE, BEFORE),
        (SgopState.DONE, BEFORE),
    ]
    assert (whole.is_finished, whole.next) == (True, None)


def test_what_the_portal_sees_wins_over_what_people_wrote():
    refused = {Step.REQUEST: StepNotes(SgopState.REFUSED, BEFORE)}

    assert _states(refused, Facts(answered_on=BEFORE)) == {Step.REQUEST: SgopState.DONE}


@pytest.mark.parametrize("step", [step for step in Step if not step.is_declared])
def test_a_step_that_the_portal_sees_is_not_done_by_saying_so(step):
    assert _states({step: StepNotes(SgopState.DONE, BEFORE)}) == {step: SgopState.DOING}


def test_certificate_that_has_ended_is_open_again_and_says_since_when():
    ended = _stage(Step.CERTIFICATE, facts=Facts(certificate=(date(2025, 11, 1), date(2026, 11, 1))))

    assert (ended.state, ended.is_late, ended.due) == (SgopState.TODO, True, date(2026, 11, 1))
    assert ended.seen.sentence == "O certificado em uso na produção venceu em 01/11/2026."


@pytest.mark.parametrize(
    ("days", "advice", "near"),
    [(0, "Renovar até 23/11/2026.", True), (60, "Renovar até 22/01/2027.", True), (61, "", False)],
)
def test_renewal_is_told_sixty_days_ahead(days, advice, near):
    stage = _stage(Step.CERTIFICATE, facts=Facts(certificate=(BEFORE, TODAY + timedelta(days=days))))

    assert (stage.state, stage.next, stage.is_near) == (SgopState.DONE, advice, near)


def test_step_names_what_is_in_its_way():
    stage = _stage(Step.REQUEST, {Step.GOVBR: StepNotes(SgopState.DONE, BEFORE)})

    assert stage.blocked_by == (Step.CNES, Step.CERTIFICATE)
    assert stage.next == "Antes, terminar: Número no CNES, Certificado da operadora (e-CNPJ)."


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (StepNotes(SgopState.WAITING, BEFORE), "Aguardar a resposta."),
        (StepNotes(SgopState.WAITING, BEFORE, TODAY), "Aguardar a resposta."),
        (
            StepNotes(SgopState.WAITING, BEFORE, TODAY - timedelta(days=1)),
            "O prazo da resposta passou: cobrar com o número do protocolo.",
        ),
        (StepNotes(SgopState.REFUSED, BEFORE), "Ler o motivo da recusa, corrigir o que falta e pedir de novo."),
        (StepNotes(SgopState.DOING, BEFORE), ACTIONS[Step.GOVBR]),
        (StepNotes(SgopState.DONE, BEFORE), ""),
    ],
)
def test_step_says_what_comes_next(written, sentence):
    assert _stage(Step.GOVBR, {Step.GOVBR: written}).next == sentence


@pytest.mark.parametrize(
    ("step", "due", "sentence"),
    [
        (Step.REQUEST, None, "Aguardar a resposta: a ANS confere se quem pede é uma operadora ativa."),
        (Step.REQUEST, BEFORE, "O prazo da resposta passou: cobrar com o número do protocolo."),
        (
            Step.SGOP_ADMIN,
            BEFORE,
            "O prazo da resposta passou: cobrar no suporte do CadSUS Web (“quero abrir um chamado”).",
        ),
    ],
)
def test_step_says_whom_it_waits_for(step, due, sentence):
    stage = _stage(step, {step: StepNotes(SgopState.WAITING, BEFORE, due)}, Facts(cnes="1234567"))

    assert stage.next == sentence


def test_a_request_that_ans_looks_at_is_not_ours():
    written = {Step.GOVBR: StepNotes(SgopState.DONE, BEFORE), Step.REQUEST: StepNotes(SgopState.WAITING, BEFORE)}
    stage = _stage(Step.REQUEST, written, Facts(cnes="1234567", certificate=(BEFORE, date(2027, 11, 2))))

    assert (stage.blocked_by, stage.is_ours) == ((), False)


def test_next_step_is_ours_before_it_is_theirs():
    written = {Step.CNES: StepNotes(SgopState.WAITING, BEFORE), Step.GOVBR: StepNotes(SgopState.DONE, BEFORE)}
    facts = Facts(certificate=(BEFORE, date(2027, 11, 2)))

    assert path({Step.CNES: StepNotes(SgopState.WAITING, BEFORE)}, Facts(), TODAY).next.step == Step.GOVBR
    assert path(written, facts, TODAY).next.step == Step.CNES


def test_next_step_is_the_answer_that_is_overdue():
    late = {Step.CNES: StepNotes(SgopState.WAITING, BEFORE, TODAY - timedelta(days=3))}

    assert path(late, Facts(), TODAY).next.step == Step.CNES


@pytest.mark.parametrize(
    ("members", "states"),
    [
        ((), {}),
        ((_member(access=TODO),), {Step.SGOP_OPERATORS: SgopState.DOING}),
        ((_member(machines=()),), {Step.SGOP_OPERATORS: SgopState.DOING}),
        ((_member(machines=[Machine(None, SgopState.DONE, BEFORE)]),), {Step.SGOP_OPERATORS: SgopState.DOING}),
        ((_member(), _member(govbr=TODO)), {Step.SGOP_OPERATORS: SgopState.DOING}),
        ((_member(), _member()), {Step.SGOP_OPERATORS: SgopState.DONE}),
        ((_member(SgopRole.ADMINISTRADOR, cns=TODO),), {Step.SGOP_ADMIN: SgopState.DOING}),
        (
            (_member(SgopRole.ADMINISTRADOR), _member(SgopRole.ADMINISTRADOR, cns=TODO)),
            {Step.SGOP_ADMIN: SgopState.DONE},
        ),
        ((_member(SgopRole.ADMINISTRADOR, machines=()),), {Step.SGOP_ADMIN: SgopState.DOING}),
    ],
)
def test_sgop_wants_one_administrator_and_every_operator_each_with_a_machine(members, states):
    assert _states(facts=Facts(members=members)) == states


ADMINISTRATOR = {
    "role": SgopRole.ADMINISTRADOR,
    "position": Position.MANAGER,
    "elsewhere": DONE,
    "profile": DONE,
    "access": TODO,
    "machines": [Machine(BEFORE, SgopState.WAITING, BEFORE)],
}
OPERATOR = {"profile": DONE, "access": TODO, "machines": [Machine(BEFORE, SgopState.WAITING, BEFORE)]}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"position": None},
            "Dizer a função da pessoa: direção clínica, gerência ou administração. Outra pessoa não serve.",
        ),
        (
            {"elsewhere": TODO},
            "Conferir no CNES que a pessoa não é responsável por outro estabelecimento; se é, escolher outra pessoa.",
        ),
        (
            {"profile": TODO},
            "A pessoa entra em cadastro.saude.gov.br/operador e escolhe o perfil ADMINISTRADOR no CNES da operadora.",
        ),
        ({"machines": ()}, "Incluir aqui o computador que a pessoa vai usar."),
        (
            {"machines": [Machine(BEFORE, SgopState.TODO, None)]},
            "Instalar o módulo Warsaw no computador e cadastrá-lo no SGOP.",
        ),
        (
            {},
            "Pedir a autorização ao suporte do CadSUS Web (“quero abrir um chamado”) e gravar aqui o número dele.",
        ),
        ({"access": (SgopState.WAITING, BEFORE)}, "Aguardar a resposta."),
        ({"access": DONE}, "Aguardar a resposta."),
        ({"access": DONE, "position": None, "elsewhere": TODO, "profile": TODO, "machines": [GOOD_MACHINE]}, ""),
    ],
)
def test_administrator_registers_the_computer_before_support_is_asked(changes, sentence):
    assert _member(**{**ADMINISTRATOR, **changes}).next() == sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"cns": TODO},
            "Perguntar aqui ao DATASUS pelo CNS da própria pessoa: o SGOP exige alta qualidade do cadastro.",
        ),
        ({"cns": TODO, "cns_advice": "Falta o CPF."}, "Falta o CPF."),
        ({"cns": (SgopState.WAITING, BEFORE)}, "Aguardar a resposta."),
        ({"govbr": (SgopState.REFUSED, BEFORE)}, "A pessoa cria a própria conta gov.br."),
        (
            {"profile": TODO},
            "A pessoa entra em cadastro.saude.gov.br/operador e escolhe o perfil OPERADOR no CNES da operadora.",
        ),
        ({"machines": ()}, "Incluir aqui o computador que a pessoa vai usar."),
        (
            {"machines": [Machine(None, SgopState.TODO, None)]},
            "Instalar o módulo Warsaw no computador e cadastrá-lo no SGOP.",
        ),
        ({}, "O administrador da operadora decide no SGOP sobre o acesso e o computador."),
        ({"access": DONE}, "Aguardar a resposta."),
        (
            {"access": DONE, "machines": [Machine(BEFORE, SgopState.REFUSED, BEFORE)]},
            "Instalar o módulo Warsaw no computador e cadastrá-lo no SGOP.",
        ),
        ({"access": DONE, "machines": [GOOD_MACHINE]}, ""),
    ],
)
def test_operator_is_decided_about_by_the_administrator(changes, sentence):
    assert _member(**{**OPERATOR, **changes}).next() == sentence


def test_person_is_ready_on_the_day_of_the_last_thing():
    machines = [
        Machine(BEFORE, SgopState.DONE, date(2026, 11, 19)),
        Machine(BEFORE, SgopState.DONE, date(2026, 11, 21)),
    ]

    assert _member(access=(SgopState.DONE, date(2026, 11, 10)), machines=machines).ready_on == date(2026, 11, 19)


@given(st.deferred(lambda: MEMBERS))
def test_person_has_something_to_do_until_everything_is_ready(member):
    assert (member.next() == "") == member.is_ready


# ---- properties ---------------------------------------------------------------------------------------------------
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
WRITTEN = st.builds(StepNotes, st.sampled_from(SgopState), st.none() | DAYS, st.none() | DAYS)
DATED = st.tuples(st.sampled_from(SgopState), st.none() | DAYS)
MACHINES = st.builds(Machine, st.none() | DAYS, st.sampled_from(SgopState), st.none() | DAYS)
MEMBERS = st.builds(
    StaffMember,
    st.sampled_from(SgopRole),
    DATED,
    DATED,
    DATED,
    st.lists(MACHINES, max_size=2).map(tuple),
    st.none() | st.sampled_from(Position),
    DATED,
    DATED,
)
FACTS = st.builds(
    Facts,
    st.sampled_from(["", "1234567"]),
    st.none() | st.tuples(DAYS, DAYS),
    st.none() | DAYS,
    st.lists(MEMBERS, max_size=3).map(tuple),
)


@given(st.dictionaries(st.sampled_from(Step), WRITTEN), FACTS)
def test_path_always_knows_what_comes_next_until_it_is_finished(written, facts):
    found = path(written, facts, TODAY)

    assert [stage.step for stage in found.stages] == list(Step)
    assert found.done + found.missing == len(Step)
    assert (found.next is None) == found.is_finished
    assert [stage.step for stage in found.stages if not stage.is_done and not stage.next] == []


@given(st.dictionaries(st.sampled_from(Step), WRITTEN), FACTS)
def test_path_never_sends_anybody_to_a_blocked_step_while_another_is_open_to_us(written, facts):
    found = path(written, facts, TODAY)
    free = [stage for stage in found.stages if not stage.is_done and not stage.blocked_by]

    assert found.is_finished or (found.next.blocked_by == () and found.next in free)


def test_no_step_waits_for_a_later_one():
    order = list(Step)

    assert [
        (step, need) for step, needs in NEEDS.items() for need in needs if order.index(need) > order.index(step)
    ] == []


def test_every_step_has_a_name_and_an_action():
    assert (all(step.label for step in Step), set(ACTIONS)) == (True, set(Step))

"""Who may sign in with which address: what an administrator gave, and nothing that somebody claims."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import call_command

from operators.audit import EventKind
from operators.models import AuditEvent, Membership, User
from operators.permissions import Role
from operators.queries.unconfirmed_addresses import AddressInDoubt
from operators.services.access import grant_roles
from tests.factories import MembershipFactory, OperatorFactory, UserFactory
from tests.pages import browser, confirmed, text_of

PASSWORD = "uma-senha-bem-longa"


def account(email, password=PASSWORD):
    return User.objects.create_user(email, password)


def claim(user, email, *, verified=False, primary=False):
    return EmailAddress.objects.create(user=user, email=email, verified=verified, primary=primary)


def sign_in(email, password=PASSWORD):
    client = browser()
    client.post("/entrar/", {"login": email, "password": password})
    return client.session.get("_auth_user_id")


# ---- admitting ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "email", ["joão@example.invalid", "ıana@example.invalid", "\u212aana@example.invalid", "ana@exämple.invalid", "ana"]
)
def test_what_is_no_address_is_not_admitted(operator, email):
    kana = account("kana@example.invalid")

    with pytest.raises(ValidationError, match="não é um endereço de e-mail"):
        grant_roles(operator, email, [Role.CADASTRO])

    assert (list(User.objects.all()), Membership.objects.count()) == ([kana], 0)


def test_one_address_is_one_account_however_it_is_written(operator):
    assert grant_roles(operator, " Ana@Example.INVALID", [Role.CADASTRO]) == grant_roles(
        operator, "ana@example.invalid", []
    )


# ---- signing in ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["ana@example.invalid", "Ana@Example.INVALID", " ana@example.invalid "])
def test_one_signs_in_by_the_address_of_the_account(typed):
    user = account("ana@example.invalid")

    assert sign_in(typed) == str(user.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("verified", [True, False])
def test_an_address_that_an_account_claims_signs_nobody_in(verified):
    claim(account("ana@example.invalid"), "vitima@example.invalid", verified=verified)

    assert sign_in("vitima@example.invalid") is None


@pytest.mark.django_db
def test_signing_in_leaves_no_other_address_behind():
    account("ana@example.invalid")

    sign_in("ana@example.invalid")

    assert EmailAddress.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["email/", "confirm-email/", "confirm-email/abc:def/", "password/set/", "login/code/confirm/"]
)
def test_no_page_lets_anybody_change_the_address_he_signs_in_with(path):
    client = browser()
    client.force_login(UserFactory())

    answers = [client.get(f"/entrar/{path}").status_code, client.post(f"/entrar/{path}", {}).status_code]

    assert answers == [404, 404]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["password/change/", "2fa/", "logout/", "inactive/", "password/reset/done/", "password/reset/key/done/"]
)
def test_the_pages_of_the_account_that_are_offered_open(path):
    client = browser()
    client.force_login(account("ana@example.invalid"))

    assert client.get(f"/entrar/{path}").status_code == 200


@pytest.mark.django_db
def test_two_step_verification_can_be_turned_on():
    client = browser()
    client.user = account("ana@example.invalid")
    claim(client.user, "ana@example.invalid", primary=True)
    client.force_login(client.user)

    response = confirmed(client).get("/entrar/2fa/totp/activate/")

    assert response.status_code == 200
    assert "Ligar a verificação em duas etapas" in text_of(response)


# ---- a forgotten password -----------------------------------------------------------------------------------------
def ask_reset(email):
    from operators.auth import allauth_adapter

    response = browser().post("/entrar/password/reset/", {"email": email}, follow=True)
    allauth_adapter._post.submit(int).result(timeout=30)  # letters leave one after the other
    return response.status_code, tuple(response.redirect_chain), text_of(response)


@pytest.mark.django_db
def test_a_reset_answers_alike_and_writes_to_who_has_the_account(mailbox):
    account("ana@example.invalid")
    claim(account("eva@example.invalid"), "estranha@example.invalid")

    answers = {
        ask_reset(email) for email in ("ana@example.invalid", "estranha@example.invalid", "ninguem@example.invalid")
    }

    assert len(answers) == 1
    assert [receivers for receivers, _ in mailbox.letters] == [["ana@example.invalid"]]


@pytest.mark.django_db
def test_a_link_of_a_reset_changes_the_password_once(mailbox):
    user = account("ana@example.invalid")
    ask_reset("ana@example.invalid")
    (link,) = re.findall(r"https?://testserver(/entrar/password/reset/key/\S+)", mailbox.letters[0][1].get_content())
    client = browser()
    form = client.get(link, follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": "outra-senha-bem-longa", "password2": "outra-senha-bem-longa"})

    assert sign_in(user.email, "outra-senha-bem-longa") == str(user.pk)
    assert client.get(link, follow=True).redirect_chain == []


@pytest.mark.django_db
def test_a_reset_while_the_mail_server_is_away_answers_as_ever(mailbox, settings):
    account("ana@example.invalid")
    settings.EMAIL_PORT = 1

    assert ask_reset("ana@example.invalid") == ask_reset("ninguem@example.invalid")
    assert mailbox.letters == []


# ---- being admitted -----------------------------------------------------------------------------------------------
def roles_of(operator):
    return [(m.user.email, m.role) for m in Membership.objects.filter(operator=operator).select_related("user")]


def test_an_address_that_another_account_claims_is_not_admitted(operator):
    attacker = MembershipFactory(operator=OperatorFactory(registration="888888")).user
    claim(attacker, "nova.diretora@example.invalid")

    with pytest.raises(AddressInDoubt) as refusal:
        grant_roles(operator, "Nova.Diretora@example.invalid", [Role.ADMINISTRACAO], PASSWORD)

    assert str(refusal.value) == (
        f"O endereço nova.diretora@example.invalid foi posto, sem confirmação, na conta {attacker.pk} "
        "(acesso a: 888888). Confira com a pessoa se a conta é dela; se for, repita com --address-checked."
    )
    assert (roles_of(operator), User.objects.filter(email__startswith="nova").count()) == ([], 0)


def test_an_account_that_took_the_address_by_itself_is_not_admitted(operator):
    attacker = account("nova.diretora@example.invalid")
    claim(attacker, "nova.diretora@example.invalid", primary=True)

    with pytest.raises(AddressInDoubt):
        grant_roles(operator, "nova.diretora@example.invalid", [Role.ADMINISTRACAO])

    assert roles_of(operator) == []


def test_an_address_that_was_asked_about_is_settled_and_admitted(operator):
    other = account("eva@example.invalid")
    claim(other, "ana@example.invalid")
    user = account("ana@example.invalid")
    claim(user, "ana@example.invalid", primary=True)

    grant_roles(operator, "ana@example.invalid", [Role.CONSULTA], address_checked=True)

    assert roles_of(operator) == [("ana@example.invalid", "consulta")]
    assert list(EmailAddress.objects.values_list("user", "email", "verified")) == [
        (user.pk, "ana@example.invalid", True)
    ]
    assert AuditEvent.objects.get(kind=EventKind.STAFF_ADMITTED.code).data == {
        "roles": ["consulta"],
        "address_checked": True,
    }
    assert grant_roles(operator, "ana@example.invalid", [Role.CADASTRO]) == user


def test_an_account_of_another_operator_without_doubts_is_admitted(operator):
    user = MembershipFactory(operator=OperatorFactory()).user

    grant_roles(operator, user.email, [Role.CADASTRO])

    assert roles_of(operator) == [(user.email, "cadastro")]


def test_the_command_says_the_sentence_and_takes_the_word_for_it(operator, capsys):
    claim(account("ana@example.invalid"), "ana@example.invalid", primary=True)
    arguments = ["grant_access", "--operator", operator.registration, "ana@example.invalid", "--role", "consulta"]

    with pytest.raises(Exception, match="Confira com a pessoa"):
        call_command(*arguments)
    call_command(*arguments, "--address-checked")

    assert roles_of(operator) == [("ana@example.invalid", "consulta")]
    assert capsys.readouterr().err == "A conta já existia: a senha dela continua a mesma.\n" * 2


@pytest.mark.django_db
def test_a_release_names_the_accounts_whose_address_nobody_confirmed(capsys):
    users = [account("ana@example.invalid"), account("eva@example.invalid")]
    claim(users[0], "outra@example.invalid")
    claim(users[1], "eva@example.invalid", verified=True)

    call_command("deploy")

    assert capsys.readouterr().err == (
        f"Contas com um e-mail que ninguém conferiu: {users[0].pk}. Pergunte a cada pessoa "
        "se o e-mail é dela e confirme com o comando grant_access --address-checked.\n"
    )


def test_the_password_of_a_new_account_may_come_from_a_file(operator, tmp_path, monkeypatch):
    (tmp_path / "senha").write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("STAFF_PASSWORD_FILE", str(tmp_path / "senha"))

    call_command("grant_access", "--operator", operator.registration, "ana@example.invalid", "--role", "consulta")

    assert User.objects.get(email="ana@example.invalid").check_password(PASSWORD)

"""Lists of movements, rejections and of what ANS has as files: what their pages show, in their order."""

import pytest
from django.urls import reverse

from beneficiaries.domain.identifiers import format_cns, told_cns, told_cpf
from beneficiaries.views.list_exports import EXPIRED
from operators.permissions import Role
from operators.registry import CannotExport
from sib.models import MirrorChange, Movement, Rejection
from sib.services.conferences import receipt
from sib.services.movements.draft import draft_movements
from sib.views import list_exports
from tests.exported_rows import names, rows
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in
from tests.sib.cns_numbers import hold
from tests.sib.files import record
from tests.sib.rpx_answers import processed, rejected, sent_file, sent_movement, settled

CCO = "000000000191"


@pytest.fixture
def page(operator):
    """Of a reader, by its name and query."""
    client = signed_in(operator, Role.CADASTRO)

    def show(name, query=""):
        return client.get(f"{reverse(f'sib:{name}', args=[operator.registration])}?{query}").context

    show.client = client
    return show


@pytest.fixture
def link(operator):
    return BeneficiaryFactory(cco=CCO, person__name="Maria Aparecida Exemplo Z")


@pytest.fixture
def drafted(bring, operator, link):
    """A number that ANS lacks, an inclusion that is held, and somebody whom only ANS knows."""
    hold(link, cns(1))
    BeneficiaryFactory(cco=None, person__name="Benedita Sem Número", code="77")
    stranger = BeneficiaryFactory.build(person=link.person, plan=link.plan, cco="000000000999", code="999")
    bring(record(link, cns=None), record(stranger, nome="SO NA ANS EXEMPLO", cpf=None))
    draft_movements()


@pytest.mark.usefixtures("drafted")
def test_movements_are_told_masked_or_in_full(link, django_assert_num_queries):
    with django_assert_num_queries(2):
        masked = {row[0]: row[1:6] for row in rows("movements")}
    full = {row[0]: row[4] for row in rows("movements", in_full=True)}

    assert set(masked) == {link.person.name, "Benedita Sem Número", "SO NA ANS EXEMPLO"}
    assert masked[link.person.name][0::2] == (CCO, "retificação", "pronta")
    assert f"CNS: {told_cns(cns(1), in_full=False)}" in masked[link.person.name][3]
    assert f"CNS: {cns(1)}" in full[link.person.name]
    assert masked["Benedita Sem Número"][1:3] == ("77", "inclusão")
    assert masked["Benedita Sem Número"][3].startswith("vínculo inteiro, ")


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("query", ["", "situacao=HELD", "tipo=2", "tipo=9"])
def test_file_and_page_have_the_same_movements(page, query):
    shown = [each.code or each.cco for each in page("movements", query)["page"].rows]

    assert [row[2] or row[1] for row in rows("movements", query)] == shown
    assert len(shown) == {"": 3, "tipo=9": 3}.get(query, 1)


def test_a_movement_says_why_it_is_held(drafted):
    held = Movement.objects.get(state="HELD")

    told = next(row for row in rows("movements", "situacao=HELD"))
    assert all(problem["sentence"] in told[6] for problem in held.problems)


@pytest.fixture
def rejections(operator, tmp_path, link):
    sbx = sent_file(operator)
    moved = [sent_movement(sbx, each) for each in (link, BeneficiaryFactory())]
    answer = [rejected(each, code=code) for each, code in zip(moved, ("0113", "0206"), strict=True)]
    settled(processed(tmp_path / "resposta.RPX", sbx, rejections=answer))
    return Rejection.objects.order_by("-pk")


@pytest.mark.parametrize("query", ["", "ver=todas", "campo=nothing", "erro=nothing"])
def test_file_and_page_have_the_same_rejections(page, rejections, query):
    shown = [each.rejection.person.name for each in page("rejections", query)["rejections"]]

    assert names(rows("rejections", query)) == shown
    assert len(shown) == 2


def test_rejections_are_narrowed_by_field_and_error(page, rejections):
    first = rejections[0]
    query = f"campo={first.field_code}&erro={first.error_code}"
    expected = rejections.filter(field_code=first.field_code, error_code=first.error_code)

    found = rows("rejections", query)
    assert [row[6] for row in found] == list(expected.values_list("error_code", flat=True))
    assert names(found) == [each.rejection.person.name for each in page("rejections", query)["rejections"]]


@pytest.fixture
def mirrored(bring, operator, link):
    stranger = BeneficiaryFactory.build(person=link.person, plan=link.plan, cco="000000000999", code="999")
    bring(record(link, cns=cns(1)), record(stranger, nome="SO NA ANS EXEMPLO", cpf=None))


@pytest.mark.usefixtures("mirrored")
def test_what_ans_has_is_told_masked_or_in_full(link, django_assert_num_queries):
    cpf, number = told_cpf(link.person.cpf, in_full=False), told_cns(cns(1), in_full=False)

    with django_assert_num_queries(2):
        first, second = rows("mirror")

    assert first == (CCO, link.person.name.upper(), cpf, number, "ativo", link.person.name)
    assert second[:2] + second[5:] == ("000000000999", "SO NA ANS EXEMPLO", "só na ANS")
    assert rows("mirror", in_full=True)[0][3] == format_cns(cns(1))


@pytest.mark.usefixtures("mirrored")
def test_records_that_were_searched_are_exported_for_who_searched_them(operator, page):
    address = reverse("sib:mirror_search", args=[operator.registration])
    query = page.client.post(address, {"q": "maria exemplo"}).url.partition("?")[2]

    assert names(rows("mirror", query, reader_id=page.client.user.pk)) == [CCO]
    with pytest.raises(CannotExport, match=EXPIRED):
        rows("mirror", query)


def test_what_ans_changed_is_told_of_the_last_conference(bring, page, link):
    assert rows("mirror_changes") == []

    bring(record(link, cns=cns(1)))
    bring(record(link, cns=cns(2)))

    change = MirrorChange.objects.get()
    was, became = (told_cns(number, in_full=False) for number in (cns(1), cns(2)))
    assert rows("mirror_changes") == [(link.person.name, CCO, change.get_kind_display(), f"CNS: {was} → {became}")]
    assert rows("mirror_changes", "tipo=NEW") == []
    assert len(page("mirror_changes")["changes"]) == 1


def test_a_rejection_of_no_field_narrows_nothing(page, rejections):
    Rejection.objects.filter(pk=rejections[0].pk).update(field_code="")

    assert len(page("rejections")["rejections"]) == len(rows("rejections")) == 2


@pytest.fixture
def conference(bring, link):
    """A new number, another mother, and somebody whom the registry does not know."""
    other = BeneficiaryFactory(cco="000000000002", person__name="Benedita Exemplo Z")
    hold(other, cns(2))
    return bring(
        record(link, cns=cns(1)),
        record(other, cns=cns(2), nomeMae="OUTRA MÃE QUALQUER"),
        record(link, cco="000000000999", cpf="52998224725", nome="ZULMIRA PAZ", codigoBeneficiario="X9"),
    )


@pytest.mark.parametrize("query", ["", "resultado=CNS_NEW", "resultado=ONLY_AT_ANS", "grupo=nothing"])
def test_file_and_page_have_the_same_differences(operator, page, conference, query, monkeypatch):
    monkeypatch.setattr(list_exports, "CHUNK_SIZE", 2)
    address = reverse("sib:conference", args=[operator.registration, conference.pk])
    shown = page.client.get(f"{address}?{query}").context["page"].rows

    found = rows("differences", f"conferencia={conference.pk}&{query}")
    assert [row[2] for row in found] == [each.cco for each in shown]


def test_differences_are_told_as_the_receipt_tells_them(conference):
    found = rows("differences", f"conferencia={conference.pk}", in_full=True)

    assert found == list(receipt.rows(conference, in_full=True))
    assert len(found) == 3


def test_the_button_on_a_conference_leads_to_its_own_export(operator, page, conference):
    address = reverse("sib:conference", args=[operator.registration, conference.pk])
    export = reverse("operators:export_new", args=[operator.registration, "differences"])

    shown = page.client.get(f"{address}?resultado=ONLY_AT_ANS").content.decode()
    form = page.client.get(f"{export}?resultado=ONLY_AT_ANS&conferencia={conference.pk}")

    assert f'href="{export}?resultado=ONLY_AT_ANS&amp;conferencia={conference.pk}"' in shown
    assert form.context["back"] == f"{address}?resultado=ONLY_AT_ANS"
    assert [page.client.get(f"{export}{query}").status_code for query in ("", "?conferencia=x")] == [404] * 2

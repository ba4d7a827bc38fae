from beneficiaries.models import Person
from cards.domain.check_code import shown
from cards.models import Card
from cards.services import issue_cards
from tests.cards.factories import ready_link


def test_search_finds_by_the_check_code_of_a_card(operator, django_assert_num_queries):
    link = ready_link()
    issue_cards([link.pk, ready_link().pk])
    code = Card.objects.get(beneficiary=link).check_code

    assert [list(Person.objects.search(text)) for text in (code, shown(code).lower())] == [[link.person]] * 2


def test_no_card_is_looked_for_where_the_text_is_no_code(operator, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(Person.objects.search("maria"))

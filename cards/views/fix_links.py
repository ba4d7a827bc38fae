"""Links from what prevents a card to the field where it is corrected."""

from collections.abc import Iterable
from typing import NamedTuple

from django.urls import reverse

from beneficiaries.models import Beneficiary
from cards.domain.catalogue import FixPage
from cards.domain.face import Defect
from operators.permissions import Permission


class FixLink(NamedTuple):
    sentence: str
    href: str  # blank where no page corrects it
    permission: str  # whoever may follow it


def fix_links(link: Beneficiary, registration: str, defects: Iterable[Defect]) -> list[FixLink]:
    return [_fix_link(link, registration, defect) for defect in defects]


def _fix_link(link: Beneficiary, registration: str, defect: Defect) -> FixLink:
    page, pk, field = _page(link, defect)
    if not page:
        return FixLink(defect.sentence, "", "")
    href = reverse(page, args=[registration, *([pk] if pk else [])]) + (f"#id_{field}" if field else "")
    of_operator = defect.place in (FixPage.OPERATOR, FixPage.LOOK)
    permission = Permission.MANAGE_POLICY if of_operator else Permission.EDIT_PEOPLE
    return FixLink(defect.sentence, href, permission.name)


def _page(link: Beneficiary, defect: Defect) -> tuple[str, int | None, str]:
    """Name of the page, what it is about, and the field."""
    if defect.place in (FixPage.CONTRACT, FixPage.COMPANY, FixPage.ADMINISTRATOR):
        return _page_of_contract(link, defect)
    pages: dict[FixPage, tuple[str, int | None, str]] = {
        FixPage.PERSON: ("beneficiaries:person_edit", link.person_id, defect.field),
        FixPage.CNS: ("beneficiaries:person", link.person_id, ""),
        FixPage.LINK: ("beneficiaries:link_edit", link.pk, defect.field),
        FixPage.PLAN: ("beneficiaries:plan_edit", link.plan_id, defect.field),
        FixPage.OPERATOR: ("cards:operator_names", None, defect.field),
        FixPage.LOOK: ("cards:theme", None, defect.field),
        FixPage.NORM: ("", None, ""),
    }
    return pages[defect.place]


def _page_of_contract(link: Beneficiary, defect: Defect) -> tuple[str, int | None, str]:
    """A contract or company that is not there yet is chosen one page before."""
    contract = link.contract
    if contract is None:
        return "beneficiaries:link_edit", link.pk, "contract"
    if defect.place is FixPage.COMPANY and contract.company_id:
        return "beneficiaries:company_edit", contract.company_id, defect.field
    if defect.place is FixPage.ADMINISTRATOR and contract.administrator_id:
        return "beneficiaries:administrator_edit", contract.administrator_id, defect.field
    missing = {FixPage.COMPANY: "company", FixPage.ADMINISTRATOR: "administrator"}
    return "beneficiaries:contract_edit", contract.pk, missing.get(defect.place, defect.field)

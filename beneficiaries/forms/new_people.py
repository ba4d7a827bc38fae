"""What the staff write of a person who is new, and of a new link."""

from typing import Any, ClassVar

from django import forms

from beneficiaries.domain.same_person import PersonFacts, is_real_name
from beneficiaries.forms.fields import CellField, CodeField
from beneficiaries.forms.people import LinkForm, PersonForm
from beneficiaries.models import Beneficiary, Person, Plan, Relationship
from beneficiaries.services.add_people import facts_of
from beneficiaries.services.edit import CODE_TAKEN

CPF_KNOWN = "Este CPF já está no cadastro."
NEWBORN_NEEDS_MOTHER = "Informe o nome da mãe: é por ele que se acha quem ainda não tem nome."
NO_SUCH_HOLDER = "Não há titular com este código."
HOLDER_WANTED = "Informe o código do titular."
OWN_HOLDER = "Este titular é a mesma pessoa."


class NewPersonForm(PersonForm):
    facts: PersonFacts
    """What was read of a form that is sent, whatever is wrong with the rest of it."""

    name = CellField(
        "nome", "Nome", required=True, hint="O nome civil, como no CPF. De um recém-nascido sem nome: RN de, e a mãe."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.facts = facts_of(cleaned)
        if self.facts.cpf and Person.objects.filter(cpf=self.facts.cpf).exists():
            self.add_error("cpf", CPF_KNOWN)
        name, mother = cleaned.get("name", ""), cleaned.get("mother_name", "")
        if name and not is_real_name(name) and not is_real_name(mother) and "mother_name" not in self.errors:
            self.add_error("mother_name", NEWBORN_NEEDS_MOTHER)
        return cleaned


class NewLinkForm(LinkForm):
    """``row`` is a link without a key: what it has already is proposed."""

    DATES: ClassVar = ("contracted_on", "first_contracted_on", "cover_from", "cpt_until")

    relationship = CodeField(
        "relacaoDependencia", "Relação com o titular", [("", "escolha"), *Relationship.choices], required=True
    )
    holder = CellField("codigoBeneficiarioTitular", "Código do titular", hint="De um dependente. Titular: em branco.")
    reactivated_on = cancelled_on = cancellation_reason = None  # type: ignore[assignment]  # a new link has none

    def __init__(self, *args: Any, row: Beneficiary, **kwargs: Any) -> None:
        self.holder_id = row.holder_id
        super().__init__(*args, row=row, **kwargs)
        self.fields["plan"] = forms.ModelChoiceField(
            Plan.objects.order_by("name", "pk"),
            label="Plano",
            empty_label="Escolha",
            error_messages={"required": "Escolha o plano."},
        )
        self.fields["code"].help_text = "O mesmo que no sistema da operadora."

    @property
    def names(self) -> list[str]:
        return [*super().names, "plan_id", "relationship", "holder_id"]

    def stored(self) -> dict[str, Any]:
        link = self.link
        own = {"plan": link.plan_id, "relationship": link.relationship}
        return {**super().stored(), **own, "holder": link.holder.code if link.holder else ""}

    @property
    def values(self) -> dict[str, Any]:
        sent = self.cleaned_data
        own = {"plan_id": sent["plan"].pk, "relationship": sent["relationship"], "holder_id": self.holder_id}
        return {**super().values, **own}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Beneficiary.objects.filter(code=code).exists():
            raise forms.ValidationError(CODE_TAKEN)
        return code

    def clean_holder(self) -> str:
        code = str(self.cleaned_data["holder"])
        holder = Beneficiary.objects.filter(code=code, relationship=Relationship.HOLDER).first() if code else None
        if code and holder is None:
            raise forms.ValidationError(NO_SUCH_HOLDER)
        if holder and holder.person_id == self.link.person_id:
            raise forms.ValidationError(OWN_HOLDER)
        self.holder_id = holder.pk if holder else None
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        relationship = cleaned.get("relationship", "")
        if relationship not in {"", Relationship.HOLDER} and not cleaned.get("holder") and "holder" not in self.errors:
            self.add_error("holder", HOLDER_WANTED)
        return cleaned

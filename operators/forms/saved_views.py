"""The name of a saved view, and for whom it is."""

from typing import Any

from django import forms


class SavedViewForm(forms.Form):
    name = forms.CharField(
        label="Nome", max_length=60, error_messages={"required": "Dê um nome à vista, como “Novos sem CPF”."}
    )
    is_shared = forms.BooleanField(label="Mostrar a toda a equipe", required=False)
    is_pinned = forms.BooleanField(label="Fixar no menu, com a contagem", required=False, initial=True)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]

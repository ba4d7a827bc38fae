from django.urls import path

from beneficiaries.api import CnsOfBeneficiary
from beneficiaries.views.editing import EditLink, EditPerson
from beneficiaries.views.merge_and_split import ChooseOther, Merge, Split, UndoRegrouping
from beneficiaries.views.people import People, Search
from beneficiaries.views.person import PersonPage, Unmask
from beneficiaries.views.possible_duplicates import DecideDistinct, PossibleDoubles
from beneficiaries.views.reference_data import ADMINISTRATORS, COMPANIES, CONTRACTS, PLANS, Edit, Listing
from beneficiaries.views.remove_wrong_cns import Disown
from beneficiaries.views.reviews import Case, Decided, Desk, Undo

SHELVES = (
    ("planos", PLANS),
    ("contratos", CONTRACTS),
    ("empresas", COMPANIES),
    ("administradoras", ADMINISTRATORS),
)

app_name = "beneficiaries"
urlpatterns = [
    path("pessoas/", People.as_view(), name="people"),
    path("pessoas/busca/", Search.as_view(), name="person_search"),
    path("pessoas/talvez/", PossibleDoubles.as_view(), name="possible_duplicates"),
    path("pessoas/<int:pk>/juntar/", ChooseOther.as_view(), name="person_merge_choose"),
    path("pessoas/<int:pk>/juntar/<int:other>/", Merge.as_view(), name="person_merge"),
    path("pessoas/<int:pk>/duas/<int:other>/", DecideDistinct.as_view(), name="person_decide_distinct"),
    path("pessoas/<int:pk>/separar/", Split.as_view(), name="person_split"),
    path("pessoas/juncoes/<int:pk>/desfazer/", UndoRegrouping.as_view(), name="regrouping_undo"),
    path("pessoas/<int:pk>/", PersonPage.as_view(), name="person"),
    path("pessoas/<int:pk>/completo/", Unmask.as_view(), name="person_unmask"),
    path("pessoas/<int:pk>/cns/<int:number>/retirar/", Disown.as_view(), name="cns_remove"),
    path("pessoas/<int:pk>/alterar/", EditPerson.as_view(), name="person_edit"),
    path("pessoas/vinculos/<int:pk>/", EditLink.as_view(), name="link_edit"),
    path("revisoes/", Desk.as_view(), name="reviews"),
    path("revisoes/decididas/", Decided.as_view(), name="reviews_decided"),
    path("revisoes/<int:pk>/", Case.as_view(), name="review"),
    path("revisoes/<int:pk>/desfazer/", Undo.as_view(), name="review_undo"),
    path("api/v1/beneficiarios/<str:code>/cns/", CnsOfBeneficiary.as_view(), name="api_cns"),
]
for place, shelf in SHELVES:
    urlpatterns += [
        path(f"{place}/", Listing.as_view(shelf=shelf), name=f"{shelf.name}_list"),
        path(f"{place}/novo/", Edit.as_view(shelf=shelf), name=f"{shelf.name}_add"),
        path(f"{place}/<int:pk>/", Edit.as_view(shelf=shelf), name=f"{shelf.name}_edit"),
    ]

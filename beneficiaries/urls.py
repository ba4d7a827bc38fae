from django.urls import path

from beneficiaries.api import BeneficiaryCnsAPI, ImportAPI, ImportReceiptAPI, ImportsAPI
from beneficiaries.views.adding import AddLink, AddPerson
from beneficiaries.views.company_pack import (
    CompanyLetter,
    CompanyPackList,
    ConfirmCompanyPack,
    DownloadCompanyPack,
    UploadCompanyPack,
)
from beneficiaries.views.editing import EditLink, EditPerson
from beneficiaries.views.history import PersonHistory
from beneficiaries.views.imports import (
    CancelImport,
    ConfirmImport,
    DownloadImportReceipt,
    ImportColumns,
    ImportDetail,
    ImportList,
    ImportProgress,
    RehearseImport,
    UploadImport,
)
from beneficiaries.views.link_status import CancelLink, ReactivateLink
from beneficiaries.views.merge_and_split import ChoosePersonToMerge, MergePeople, SplitPerson, UndoRegrouping
from beneficiaries.views.number_radar import NumberRadar
from beneficiaries.views.people import PersonList, PersonSearch
from beneficiaries.views.person import PersonDetail, UnmaskPerson
from beneficiaries.views.possible_duplicates import DecideDistinct, PossibleDuplicates
from beneficiaries.views.reference_data import ADMINISTRATORS, COMPANIES, CONTRACTS, PLANS, EditReference, ReferenceList
from beneficiaries.views.remove_wrong_cns import RemoveWrongCns
from beneficiaries.views.review_groups import ReviewGroupDetail, ReviewGroupList, UndoReviewBatch
from beneficiaries.views.review_policy import ReviewPolicy
from beneficiaries.views.reviews import DecidedReviewList, ReviewDetail, ReviewList, UndoReview
from beneficiaries.views.suggestions import PersonSuggestions
from beneficiaries.views.worklists import Worklists

REFERENCE_PATHS = (
    ("planos", PLANS),
    ("contratos", CONTRACTS),
    ("empresas", COMPANIES),
    ("administradoras", ADMINISTRATORS),
)

app_name = "beneficiaries"
urlpatterns = [
    path("pessoas/", PersonList.as_view(), name="people"),
    path("pessoas/nova/", AddPerson.as_view(), name="person_add"),
    path("pessoas/<int:pk>/vinculos/novo/", AddLink.as_view(), name="link_add"),
    path("pessoas/vinculos/<int:pk>/dependente/", AddPerson.as_view(), name="dependant_add"),
    path("pessoas/busca/", PersonSearch.as_view(), name="person_search"),
    path("pessoas/busca/sugestoes/", PersonSuggestions.as_view(), name="person_suggestions"),
    path("pessoas/talvez/", PossibleDuplicates.as_view(), name="possible_duplicates"),
    path("pessoas/<int:pk>/juntar/", ChoosePersonToMerge.as_view(), name="person_merge_choose"),
    path("pessoas/<int:pk>/juntar/<int:other>/", MergePeople.as_view(), name="person_merge"),
    path("pessoas/<int:pk>/duas/<int:other>/", DecideDistinct.as_view(), name="person_decide_distinct"),
    path("pessoas/<int:pk>/separar/", SplitPerson.as_view(), name="person_split"),
    path("pessoas/juncoes/<int:pk>/desfazer/", UndoRegrouping.as_view(), name="regrouping_undo"),
    path("pessoas/<int:pk>/", PersonDetail.as_view(), name="person"),
    path("pessoas/<int:pk>/historico/", PersonHistory.as_view(), name="person_history"),
    path("pessoas/<int:pk>/completo/", UnmaskPerson.as_view(), name="person_unmask"),
    path("pessoas/<int:pk>/cns/<int:number>/retirar/", RemoveWrongCns.as_view(), name="cns_remove"),
    path("pessoas/<int:pk>/alterar/", EditPerson.as_view(), name="person_edit"),
    path("pessoas/vinculos/<int:pk>/", EditLink.as_view(), name="link_edit"),
    path("pessoas/vinculos/<int:pk>/cancelar/", CancelLink.as_view(), name="link_cancel"),
    path("pessoas/vinculos/<int:pk>/reativar/", ReactivateLink.as_view(), name="link_reactivate"),
    path("pessoas/importacoes/", ImportList.as_view(), name="imports"),
    path("pessoas/importacoes/nova/", UploadImport.as_view(), name="import_upload"),
    path("pessoas/importacoes/<int:pk>/", ImportDetail.as_view(), name="import"),
    path("pessoas/importacoes/<int:pk>/colunas/", ImportColumns.as_view(), name="import_columns"),
    path("pessoas/importacoes/<int:pk>/andamento/", ImportProgress.as_view(), name="import_progress"),
    path("pessoas/importacoes/<int:pk>/importar/", ConfirmImport.as_view(), name="import_confirm"),
    path("pessoas/importacoes/<int:pk>/ensaiar/", RehearseImport.as_view(), name="import_rehearse"),
    path("pessoas/importacoes/<int:pk>/cancelar/", CancelImport.as_view(), name="import_cancel"),
    path("pessoas/importacoes/<int:pk>/recibo/", DownloadImportReceipt.as_view(), name="import_receipt"),
    path("pessoas/corrigir/empresas/", CompanyPackList.as_view(), name="company_packs"),
    path("pessoas/corrigir/empresas/<int:pk>/planilha/", DownloadCompanyPack.as_view(), name="company_pack"),
    path("pessoas/corrigir/empresas/<int:pk>/carta/", CompanyLetter.as_view(), name="company_letter"),
    path("pessoas/corrigir/empresas/<int:pk>/volta/", UploadCompanyPack.as_view(), name="company_pack_upload"),
    path("pessoas/corrigir/empresas/<int:pk>/aplicar/", ConfirmCompanyPack.as_view(), name="company_pack_confirm"),
    path("pessoas/mesmo-cns/", NumberRadar.as_view(), name="number_radar"),
    path("pessoas/corrigir/", Worklists.as_view(), name="worklists"),
    path("revisoes/", ReviewList.as_view(), name="reviews"),
    path("revisoes/decididas/", DecidedReviewList.as_view(), name="reviews_decided"),
    path("revisoes/iguais/", ReviewGroupList.as_view(), name="review_groups"),
    path("revisoes/iguais/<slug:key>/", ReviewGroupDetail.as_view(), name="review_group"),
    path("revisoes/conjunto/<int:pk>/desfazer/", UndoReviewBatch.as_view(), name="review_batch_undo"),
    path("revisoes/politica/", ReviewPolicy.as_view(), name="review_policy"),
    path("revisoes/<int:pk>/", ReviewDetail.as_view(), name="review"),
    path("revisoes/<int:pk>/desfazer/", UndoReview.as_view(), name="review_undo"),
    path("api/v1/importacoes/", ImportsAPI.as_view(), name="api_imports"),
    path("api/v1/importacoes/<int:pk>/", ImportAPI.as_view(), name="api_import"),
    path("api/v1/importacoes/<int:pk>/recibo/", ImportReceiptAPI.as_view(), name="api_import_receipt"),
    path("api/v1/beneficiarios/<str:code>/cns/", BeneficiaryCnsAPI.as_view(), name="api_cns"),
]
for place, reference_type in REFERENCE_PATHS:
    urlpatterns += [
        path(f"{place}/", ReferenceList.as_view(reference_type=reference_type), name=f"{reference_type.name}_list"),
        path(f"{place}/novo/", EditReference.as_view(reference_type=reference_type), name=f"{reference_type.name}_add"),
        path(
            f"{place}/<int:pk>/",
            EditReference.as_view(reference_type=reference_type),
            name=f"{reference_type.name}_edit",
        ),
    ]

from django.urls import include, path

from sib.api import ConferenceAPI, ConferencesAPI
from sib.views.apply import ApplyConference, CloseConference, ConfirmApply, ConfirmClose
from sib.views.conferences import ConferenceDetail, ConferenceList, ConferenceProgress, SearchDifferences
from sib.views.criticas import CreateCritica, CriticaList, EditCritica
from sib.views.mirror import MirrorChanges, MirrorDetail, MirrorList, SearchMirror
from sib.views.night_reports import NightPolicy, NightReportDetail, NightReportList
from sib.views.receipt import DownloadReceipt
from sib.views.results import (
    DownloadRejections,
    RejectionList,
    ResolveRejection,
    ResultDetail,
    ResultList,
    ResultProgress,
    UploadResult,
)
from sib.views.revert import ConfirmRevert, RevertConference
from sib.views.upload import UploadConference

app_name = "sib"
urlpatterns = [
    path("", include("sib.urls.onboarding")),
    path("", include("sib.urls.movements")),
    path("conferencias/", ConferenceList.as_view(), name="conferences"),
    path("conferencias/enviar/", UploadConference.as_view(), name="conference_upload"),
    path("conferencias/<int:pk>/", ConferenceDetail.as_view(), name="conference"),
    path("conferencias/<int:pk>/andamento/", ConferenceProgress.as_view(), name="conference_progress"),
    path("conferencias/<int:pk>/buscar/", SearchDifferences.as_view(), name="conference_search"),
    path("conferencias/<int:pk>/recibo/", DownloadReceipt.as_view(), name="conference_receipt"),
    path("conferencias/<int:pk>/aplicar/", ApplyConference.as_view(), name="conference_apply"),
    path("conferencias/<int:pk>/aplicar/confirmar/", ConfirmApply.as_view(), name="conference_apply_confirm"),
    path("conferencias/<int:pk>/encerrar/", CloseConference.as_view(), name="conference_close"),
    path("conferencias/<int:pk>/encerrar/confirmar/", ConfirmClose.as_view(), name="conference_close_confirm"),
    path("conferencias/<int:pk>/desfazer/", RevertConference.as_view(), name="conference_revert"),
    path("conferencias/<int:pk>/desfazer/confirmar/", ConfirmRevert.as_view(), name="conference_revert_confirm"),
    path("noites/", NightReportList.as_view(), name="night_reports"),
    path("noites/<int:pk>/", NightReportDetail.as_view(), name="night_report"),
    path("politica/", NightPolicy.as_view(), name="night_policy"),
    path("na-ans/", MirrorList.as_view(), name="mirror"),
    path("na-ans/buscar/", SearchMirror.as_view(), name="mirror_search"),
    path("na-ans/mudancas/", MirrorChanges.as_view(), name="mirror_changes"),
    path("na-ans/<int:pk>/", MirrorDetail.as_view(), name="mirror_record"),
    path("resultados/", ResultList.as_view(), name="results"),
    path("resultados/enviar/", UploadResult.as_view(), name="result_upload"),
    path("resultados/<int:pk>/", ResultDetail.as_view(), name="result"),
    path("resultados/<int:pk>/andamento/", ResultProgress.as_view(), name="result_progress"),
    path("resultados/<int:pk>/recusas/", DownloadRejections.as_view(), name="result_rejections"),
    path("recusas/", RejectionList.as_view(), name="rejections"),
    path("recusas/<int:pk>/resolver/", ResolveRejection.as_view(), name="rejection_resolve"),
    path("criticas/", CriticaList.as_view(), name="criticas"),
    path("criticas/nova/", CreateCritica.as_view(), name="critica_new"),
    path("criticas/<int:pk>/", EditCritica.as_view(), name="critica"),
    path("api/v1/conferencias/", ConferencesAPI.as_view(), name="api_conferences"),
    path("api/v1/conferencias/<int:pk>/", ConferenceAPI.as_view(), name="api_conference"),
]

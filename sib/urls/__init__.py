from django.urls import include, path

from sib.api import Conferences as SendByAPI
from sib.api import ConferenceState
from sib.views.apply import Apply, Close, ConfirmApply, ConfirmClose
from sib.views.conferences import Conference, Conferences, Progress, SearchDifferences
from sib.views.criticas import Criticas, Explain, NewCritica
from sib.views.mirror import Feed, Mirror, MirrorPage, SearchMirror
from sib.views.night_reports import Night, Nights, Policy
from sib.views.receipt import Receipt
from sib.views.results import Answer, AnswerProgress, Answers, RejectionList, Rejections, Resolve, SendAnswer
from sib.views.revert import ConfirmRevert, Revert
from sib.views.upload import Send

app_name = "sib"
urlpatterns = [
    path("", include("sib.urls.onboarding")),
    path("", include("sib.urls.movements")),
    path("conferencias/", Conferences.as_view(), name="conferences"),
    path("conferencias/enviar/", Send.as_view(), name="conference_upload"),
    path("conferencias/<int:pk>/", Conference.as_view(), name="conference"),
    path("conferencias/<int:pk>/andamento/", Progress.as_view(), name="conference_progress"),
    path("conferencias/<int:pk>/buscar/", SearchDifferences.as_view(), name="conference_search"),
    path("conferencias/<int:pk>/recibo/", Receipt.as_view(), name="conference_receipt"),
    path("conferencias/<int:pk>/aplicar/", Apply.as_view(), name="conference_apply"),
    path("conferencias/<int:pk>/aplicar/confirmar/", ConfirmApply.as_view(), name="conference_apply_confirm"),
    path("conferencias/<int:pk>/encerrar/", Close.as_view(), name="conference_close"),
    path("conferencias/<int:pk>/encerrar/confirmar/", ConfirmClose.as_view(), name="conference_close_confirm"),
    path("conferencias/<int:pk>/desfazer/", Revert.as_view(), name="conference_revert"),
    path("conferencias/<int:pk>/desfazer/confirmar/", ConfirmRevert.as_view(), name="conference_revert_confirm"),
    path("noites/", Nights.as_view(), name="night_reports"),
    path("noites/<int:pk>/", Night.as_view(), name="night_report"),
    path("politica/", Policy.as_view(), name="night_policy"),
    path("na-ans/", Mirror.as_view(), name="mirror"),
    path("na-ans/buscar/", SearchMirror.as_view(), name="mirror_search"),
    path("na-ans/mudancas/", Feed.as_view(), name="mirror_changes"),
    path("na-ans/<int:pk>/", MirrorPage.as_view(), name="mirror_record"),
    path("resultados/", Answers.as_view(), name="results"),
    path("resultados/enviar/", SendAnswer.as_view(), name="result_upload"),
    path("resultados/<int:pk>/", Answer.as_view(), name="result"),
    path("resultados/<int:pk>/andamento/", AnswerProgress.as_view(), name="result_progress"),
    path("resultados/<int:pk>/recusas/", RejectionList.as_view(), name="result_rejections"),
    path("recusas/", Rejections.as_view(), name="rejections"),
    path("recusas/<int:pk>/resolver/", Resolve.as_view(), name="rejection_resolve"),
    path("criticas/", Criticas.as_view(), name="criticas"),
    path("criticas/nova/", NewCritica.as_view(), name="critica_new"),
    path("criticas/<int:pk>/", Explain.as_view(), name="critica"),
    path("api/v1/conferencias/", SendByAPI.as_view(), name="api_conferences"),
    path("api/v1/conferencias/<int:pk>/", ConferenceState.as_view(), name="api_conference"),
]

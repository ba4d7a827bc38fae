from django.urls import path

from operators.views.audit_trail import AuditTrail
from operators.views.exports import (
    CancelExport,
    DownloadExport,
    ExportDetail,
    ExportProgress,
    ExportRunList,
    RequestExport,
)
from operators.views.home import Dashboard, home
from operators.views.jobs import JobList, JobTray
from operators.views.saved_views import DeleteView, EditView, PinView, SavedViewList, SaveView

app_name = "operators"
urlpatterns = [
    path("", home, name="home"),
    path("o/<str:registration>/", Dashboard.as_view(), name="dashboard"),
    path("o/<str:registration>/tarefas/", JobList.as_view(), name="jobs"),
    path("o/<str:registration>/tarefas/em-andamento/", JobTray.as_view(), name="job_tray"),
    path("o/<str:registration>/auditoria/", AuditTrail.as_view(), name="audit"),
    path("o/<str:registration>/vistas/", SavedViewList.as_view(), name="saved_views"),
    path("o/<str:registration>/vistas/nova/<str:name>/", SaveView.as_view(), name="saved_view_new"),
    path("o/<str:registration>/vistas/<int:pk>/", EditView.as_view(), name="saved_view"),
    path("o/<str:registration>/vistas/<int:pk>/fixar/", PinView.as_view(), name="saved_view_pin"),
    path("o/<str:registration>/vistas/<int:pk>/apagar/", DeleteView.as_view(), name="saved_view_delete"),
    path("o/<str:registration>/exportacoes/", ExportRunList.as_view(), name="exports"),
    path("o/<str:registration>/exportacoes/nova/<str:name>/", RequestExport.as_view(), name="export_new"),
    path("o/<str:registration>/exportacoes/<int:pk>/", ExportDetail.as_view(), name="export"),
    path("o/<str:registration>/exportacoes/<int:pk>/andamento/", ExportProgress.as_view(), name="export_progress"),
    path("o/<str:registration>/exportacoes/<int:pk>/cancelar/", CancelExport.as_view(), name="export_cancel"),
    path("o/<str:registration>/exportacoes/<int:pk>/baixar/", DownloadExport.as_view(), name="export_download"),
]

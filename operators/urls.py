from django.urls import path

from operators.views.audit_trail import AuditTrail
from operators.views.home import Dashboard, home
from operators.views.jobs import JobList, JobTray

app_name = "operators"
urlpatterns = [
    path("", home, name="home"),
    path("o/<str:registration>/", Dashboard.as_view(), name="dashboard"),
    path("o/<str:registration>/tarefas/", JobList.as_view(), name="jobs"),
    path("o/<str:registration>/tarefas/em-andamento/", JobTray.as_view(), name="job_tray"),
    path("o/<str:registration>/auditoria/", AuditTrail.as_view(), name="audit"),
]

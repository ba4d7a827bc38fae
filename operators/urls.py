from django.urls import path

from operators.views.audit_trail import AuditTrail
from operators.views.home import Dashboard, home

app_name = "operators"
urlpatterns = [
    path("", home, name="home"),
    path("o/<str:registration>/", Dashboard.as_view(), name="dashboard"),
    path("o/<str:registration>/auditoria/", AuditTrail.as_view(), name="audit"),
]

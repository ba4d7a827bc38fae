from django.urls import path

from operators.views import Audit, Dashboard, Names, home

app_name = "operators"
urlpatterns = [
    path("", home, name="home"),
    path("o/<str:registration>/", Dashboard.as_view(), name="dashboard"),
    path("o/<str:registration>/auditoria/", Audit.as_view(), name="audit"),
    path("o/<str:registration>/operadora/", Names.as_view(), name="operator_names"),
]

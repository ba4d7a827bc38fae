from django.urls import path

from cadsus.views import Ask, Lookups, accreditation

app_name = "cadsus"
urlpatterns = [
    path("consultas/", Lookups.as_view(), name="lookups"),
    path("consultas/pedir/<int:pk>/", Ask.as_view(), name="ask"),
    path("habilitacao/", accreditation.Accreditation.as_view(), name="accreditation"),
    path("habilitacao/passos/<slug:step>/", accreditation.EditStep.as_view(), name="accreditation_step"),
    path("habilitacao/pessoas/", accreditation.AddSgopPerson.as_view(), name="sgop_person_add"),
    path("habilitacao/pessoas/<int:pk>/", accreditation.EditSgopPerson.as_view(), name="sgop_person"),
    path("habilitacao/pessoas/<int:pk>/remover/", accreditation.RemoveSgopPerson.as_view(), name="sgop_person_remove"),
    path("habilitacao/pessoas/<int:pk>/maquinas/", accreditation.AddSgopMachine.as_view(), name="sgop_machine_add"),
    path("habilitacao/maquinas/<int:pk>/", accreditation.EditSgopMachine.as_view(), name="sgop_machine"),
    path(
        "habilitacao/maquinas/<int:pk>/remover/", accreditation.RemoveSgopMachine.as_view(), name="sgop_machine_remove"
    ),
]

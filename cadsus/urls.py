from django.urls import path

from cadsus.views import accreditation, ask_selected, credentials, lookups, queue_actions, search

app_name = "cadsus"
urlpatterns = [
    path("consultas/", lookups.LookupList.as_view(), name="lookups"),
    path("consultas/pedir/<int:pk>/", search.CreateLookup.as_view(), name="lookup_create"),
    path("consultas/pedir/<int:pk>/por/", search.CreateLookupBy.as_view(), name="lookup_create_by"),
    path("consultas/escolhidas/", ask_selected.AskSelected.as_view(), name="ask_selected"),
    path("consultas/pausa/", queue_actions.PauseQueue.as_view(), name="queue_pause"),
    path("consultas/retomar/", queue_actions.ResumeQueue.as_view(), name="queue_resume"),
    path("consultas/cancelar/", queue_actions.CancelQueue.as_view(), name="queue_cancel"),
    path("consultas/perguntar/", queue_actions.AskMissing.as_view(), name="queue_ask_missing"),
    path("consultas/tentar/", queue_actions.RetryQueue.as_view(), name="queue_retry"),
    path("consultas/de-novo/", queue_actions.AskAgain.as_view(), name="queue_ask_again"),
    path("consultas/aviso/", queue_actions.ConnectionNotice.as_view(), name="connection_notice"),
    path("certificados/", credentials.CredentialList.as_view(), name="credentials"),
    path("certificados/novo/", credentials.UploadCredential.as_view(), name="credential_new"),
    path("certificados/<int:pk>/", credentials.CredentialDetail.as_view(), name="credential"),
    path("certificados/<int:pk>/teste/", credentials.TestConnection.as_view(), name="credential_test"),
    path("certificados/<int:pk>/usar/", credentials.ActivateCredential.as_view(), name="credential_activate"),
    path("certificados/<int:pk>/voltar/", credentials.RollBackCredential.as_view(), name="credential_roll_back"),
    path("certificados/<int:pk>/apagar-chave/", credentials.DestroyCredentialKey.as_view(), name="credential_destroy"),
    path("habilitacao/", accreditation.AccreditationBoard.as_view(), name="accreditation"),
    path("habilitacao/passos/<slug:step>/", accreditation.EditAccreditationStep.as_view(), name="accreditation_step"),
    path("habilitacao/pessoas/", accreditation.AddSgopPerson.as_view(), name="sgop_person_add"),
    path("habilitacao/pessoas/<int:pk>/", accreditation.EditSgopPerson.as_view(), name="sgop_person"),
    path("habilitacao/pessoas/<int:pk>/remover/", accreditation.RemoveSgopPerson.as_view(), name="sgop_person_remove"),
    path("habilitacao/pessoas/<int:pk>/maquinas/", accreditation.AddSgopMachine.as_view(), name="sgop_machine_add"),
    path("habilitacao/pessoas/<int:pk>/cns/", accreditation.CheckOwnCns.as_view(), name="sgop_person_cns"),
    path("habilitacao/maquinas/<int:pk>/", accreditation.EditSgopMachine.as_view(), name="sgop_machine"),
    path(
        "habilitacao/maquinas/<int:pk>/remover/", accreditation.RemoveSgopMachine.as_view(), name="sgop_machine_remove"
    ),
]

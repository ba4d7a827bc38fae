"""Access control (RBAC): the roles of the staff, and the permissions that views, endpoints and services name."""

from enum import Enum, unique

from django.db import models


@unique
class Permission(Enum):
    VIEW_PEOPLE = "ver pessoas"
    UNMASK = "ver CPF e CNS completos"
    EDIT_PEOPLE = "alterar o cadastro"
    EXPORT = "exportar listas"
    ASK_CNS = "consultar o DATASUS"
    REVIEW_CNS = "decidir conferências de identidade"
    VIEW_IMPORTS = "ver conferências da ANS"
    APPLY_IMPORT = "aplicar conferências da ANS"
    RECEIVE_ANSWERS = "registrar resultados da ANS"
    EXPLAIN_CRITICAS = "explicar críticas da ANS"
    DRAFT_MOVEMENTS = "preparar movimentações do SIB"
    APPROVE_MOVEMENTS = "aprovar arquivos do SIB"
    VIEW_CARDS = "ver cartões"
    ISSUE_CARDS = "emitir cartões"
    MANAGE_CREDENTIALS = "administrar certificados"
    MANAGE_STAFF = "administrar acessos"
    MANAGE_POLICY = "administrar a política da operadora"
    VIEW_AUDIT = "ver a auditoria"


class Role(models.TextChoices):
    CONSULTA = "consulta", "Consulta"
    CADASTRO = "cadastro", "Cadastro"
    REVISAO = "revisao", "Revisão"
    EMISSAO = "emissao", "Emissão"
    ADMINISTRACAO = "administracao", "Administração"
    AUDITORIA = "auditoria", "Auditoria"


UNMASK_REASONS = {
    "atendimento": "Atendimento ao beneficiário",
    "conferencia": "Conferência do cadastro",
    "emissao": "Emissão do cartão",
    "titular": "Pedido do titular dos dados",
}
"""Why numbers are shown or exported in full, as people choose it; the codes stand on the trail."""

_P = Permission
_READ = frozenset({_P.VIEW_PEOPLE, _P.VIEW_IMPORTS, _P.VIEW_CARDS})
_WORK = _READ | {_P.UNMASK, _P.EXPORT}
"""Who works on people takes work lists away: masked, or with a reason in full."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CONSULTA: _READ,
    Role.CADASTRO: _WORK | {_P.EDIT_PEOPLE, _P.ASK_CNS, _P.RECEIVE_ANSWERS, _P.DRAFT_MOVEMENTS},
    Role.REVISAO: _WORK | {_P.ASK_CNS, _P.REVIEW_CNS, _P.APPLY_IMPORT, _P.RECEIVE_ANSWERS, _P.DRAFT_MOVEMENTS},
    Role.EMISSAO: _WORK | {_P.ISSUE_CARDS},
    Role.ADMINISTRACAO: _READ
    | {_P.ASK_CNS, _P.APPLY_IMPORT, _P.RECEIVE_ANSWERS, _P.EXPORT}
    | {_P.MANAGE_CREDENTIALS, _P.MANAGE_STAFF, _P.MANAGE_POLICY, _P.EXPLAIN_CRITICAS, _P.APPROVE_MOVEMENTS},
    Role.AUDITORIA: _READ | {_P.VIEW_AUDIT, _P.EXPORT},
}


def who_may(permission: Permission) -> str:
    """In a sentence for a reader who may not."""
    *others, last = [str(role.label) for role in Role if permission in PERMISSIONS[role]]
    named = f"{', '.join(others)} ou {last}" if others else last
    return f"Quem faz isto: o papel {named}."


def permissions_of(roles: "frozenset[Role]") -> frozenset[Permission]:
    return frozenset().union(*(PERMISSIONS[role] for role in roles))

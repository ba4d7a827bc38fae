"""Onboarding an operator from its first conference."""

from xml.sax.saxutils import escape

from beneficiaries.domain.identifiers import cpf_from_base
from sib.services import onboarding
from sib.services.onboarding import confirm_onboarding, request_founding
from tests.factories import cns


def onboard(file, *, with_inactive=False, apply=True):
    run = request_founding(file, with_inactive=with_inactive)
    onboarding.process_onboarding(run.pk)
    if apply:
        assert confirm_onboarding(run)
        onboarding.process_onboarding(run.pk)
    run.refresh_from_db()
    return run


def row(cco, **changes):
    """A record as ANS has it, of nobody whom the registry knows."""
    cco = f"{cco:012d}"
    fields = {
        "cpf": cpf_from_base(f"{int(cco) + 111_000_000:09d}"),
        "cns": cns(int(cco)),
        "nome": f"PESSOA NUMERO {chr(64 + int(cco))} EXEMPLO",
        "sexo": "3",
        "dataNascimento": "1984-02-29",
        "nomeMae": "MAE EXEMPLO",
        "codigoBeneficiario": cco,
        "relacaoDependencia": "1",
        "dataContratacao": "2020-01-01",
        "numeroPlanoANS": "999999990",
    }
    state = {
        "situacao": changes.pop("situacao", "ATIVO"),
        "dataAtualizacao": changes.pop("dataAtualizacao", "2026-11-01"),
    }
    fields |= changes
    names = {
        "identificacao": ("cpf", "dn", "cns", "nome", "sexo", "dataNascimento", "nomeMae"),
        "endereco": ("logradouro", "codigoMunicipio", "cep"),
        "vinculo": ("codigoBeneficiario", "relacaoDependencia", "ccoBeneficiarioTitular", "dataContratacao",
                    "dataCancelamento", "motivoCancelamento", "numeroPlanoANS", "numeroPlanoOperadora",
                    "cnpjEmpresaContratante"),
    }  # fmt: skip
    blocks = "".join(
        f"<{block}>{''.join(f'<{name}>{escape(fields[name])}</{name}>' for name in of if fields.get(name))}</{block}>"
        for block, of in names.items()
    )
    attributes = " ".join(f'{name}="{value}"' for name, value in ({"cco": cco} | state).items())
    return f"<beneficiario {attributes}>{blocks}</beneficiario>\n"

"""The accreditation guide: who takes each step, where, with what; addresses as DATASUS and ANS publish them.

The names of screens at DATASUS change; what is asked has stayed the same.
"""

from dataclasses import dataclass

from cadsus.domain.accreditation_steps import Step

SUPPORT = "O suporte do CadSUS Web: na página dele, “quero abrir um chamado”."


@dataclass(frozen=True, slots=True)
class Guide:
    who: str
    where: str
    address: str  # empty where it is a page of this portal, or there is no single one
    asked: tuple[str, ...]
    result: str
    beware: tuple[str, ...] = ()
    page: str = ""  # name of the portal's own page
    doubts: str = SUPPORT  # who answers questions


SGOP = "SGOP, o sistema de gestão de operadores do CadSUS Web"
SGOP_ADDRESS = "https://cadastro.saude.gov.br/operador"
EACH = (
    "A conta gov.br da própria pessoa",
    "O CNS da própria pessoa, válido e com alta qualidade cadastral",
)
QUALITY = (
    "Se o SGOP reclamar da qualidade do CNS, a própria pessoa vai a uma unidade de saúde, que corrige o cadastro dela."
)

GUIDES = {
    Step.CNES: Guide(
        who="Quem representa a operadora.",
        where="site do CNES, o cadastro nacional de estabelecimentos de saúde, em “Obter CNES”",
        address="https://cnes.datasus.gov.br/",
        asked=(
            "Tipo 68 (Central de Gestão em Saúde), subtipo 05 (Sede de Operadora), da Portaria SAS/MS 186/2016",
            "CNPJ, razão social e endereço da sede",
            "Registro da operadora na ANS",
        ),
        result="Um número de 7 algarismos. Grave-o aqui: o passo fica pronto sozinho.",
        beware=("O login e o CNES artificial que a ANS enviava por ofício não valem mais.",),
    ),
    Step.GOVBR: Guide(
        who="A pessoa que vai pedir o acesso em nome da operadora.",
        where="gov.br",
        address="https://www.gov.br/",
        asked=("O CPF da própria pessoa", "O celular ou e-mail dela, para os códigos de entrada"),
        result="Com essa conta a pessoa entra no portal de serviços do DATASUS e no SGOP.",
        beware=("A conta é pessoal: cada um usa a sua, e ela não se empresta.",),
        doubts="A ajuda do gov.br.",
    ),
    Step.CERTIFICATE: Guide(
        who="Quem representa a empresa, junto a uma autoridade certificadora da ICP-Brasil.",
        where="a autoridade certificadora de sua escolha; depois, a página Certificados deste portal",
        address="",
        asked=(
            "Um e-CNPJ em arquivo (.p12 ou .pfx) do CNPJ desta operadora: A1, SE-S ou AE-S",
            "A senha do arquivo",
            "A parte pública do certificado (.cer), para o pedido ao DATASUS",
        ),
        result="Envie o arquivo em Certificados, para o ambiente de produção: o passo fica pronto sozinho.",
        beware=("Ao DATASUS vai só a parte pública. O arquivo com a chave e a senha não se mandam por e-mail.",),
        page="cadsus:credentials",
        doubts="A autoridade certificadora.",
    ),
    Step.REQUEST: Guide(
        who="A pessoa com a conta gov.br, em nome da operadora.",
        where="portal de serviços do DATASUS, serviço “CNS Operadoras ANS”",
        address="https://servicos-datasus.saude.gov.br/",
        asked=(
            "O serviço “CNS Operadoras ANS”, primeiro em homologação, depois em produção",
            "CNPJ, CNES e a pessoa responsável",
            "Descrição do sistema: consulta do CNS dos beneficiários no CadSUS, com certificado e pela rede (PDQ)",
            "A parte pública do e-CNPJ (.cer)",
            "Os endereços IP de onde saem as consultas (para aplicações web o portal aceita 0.0.0.0)",
            "O volume de consultas esperado",
        ),
        result="O DATASUS responde por e-mail ou no próprio portal. Teste então a ligação, na página Certificados.",
        beware=(
            "O serviço é gratuito e só para operadoras: a ANS confere se quem pede é uma operadora ativa.",
            "Só o certificado informado no pedido é aceito: antes de trocar de certificado, informe o novo.",
        ),
        page="cadsus:credentials",
    ),
    Step.SGOP_ADMIN: Guide(
        who="O primeiro ADMINISTRADOR: um diretor clínico, um gerente ou um administrador da operadora.",
        where=SGOP,
        address=SGOP_ADDRESS,
        asked=(
            *EACH,
            "O estabelecimento (o CNES da operadora) e o perfil ADMINISTRADOR, escolhidos pela própria pessoa",
            "O computador que ela vai usar, cadastrado no SGOP, com o módulo de segurança Warsaw instalado",
            "Por fim, um chamado no suporte do CadSUS Web que pede a autorização desse administrador",
        ),
        result="Inclua a pessoa aqui e marque o que já tem. Com tudo autorizado, o passo fica pronto sozinho.",
        beware=(
            "A pessoa não precisa ser quem representa a operadora na ANS.",
            "No CNES ela não pode constar como responsável por outro estabelecimento.",
            QUALITY,
            "O SGOP abre o CadSUS Web às pessoas. As consultas deste portal não dependem dele.",
        ),
    ),
    Step.SGOP_OPERATORS: Guide(
        who="Cada pessoa que vai usar o CadSUS Web; o administrador decide sobre a pessoa e o computador.",
        where=SGOP,
        address=SGOP_ADDRESS,
        asked=(
            *EACH,
            "O estabelecimento (o CNES da operadora) e o perfil OPERADOR",
            "O computador em que a pessoa trabalha, com o módulo de segurança Warsaw instalado",
        ),
        result="Inclua cada pessoa e a sua máquina. Quando todas estiverem prontas, o passo fica pronto sozinho.",
        beware=(QUALITY, "Quem sai da operadora perde o acesso no SGOP; depois, remova a pessoa daqui."),
    ),
}

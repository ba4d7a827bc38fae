"""Which column of the file holds which field of a person or of a link."""

PERSON_COLUMNS = {
    "cpf": "cpf",
    "dn": "dn",
    "pisPasep": "pis_pasep",
    "nome": "name",
    "nomeSocial": "social_name",
    "sexo": "sex",
    "dataNascimento": "birth_date",
    "nomeMae": "mother_name",
    "logradouro": "street",
    "numero": "number",
    "complemento": "complement",
    "bairro": "district",
    "codigoMunicipio": "city_code",
    "cep": "postal_code",
    "email": "email",
    "telefone": "phone",
}
LINK_COLUMNS = {
    "cco": "cco",
    "relacaoDependencia": "relationship",
    "dataContratacao": "contracted_on",
    "dataReativacao": "reactivated_on",
    "dataInicioCobertura": "cover_from",
    "dataFimCPT": "cpt_until",
    "dataCancelamento": "cancelled_on",
    "motivoCancelamento": "cancellation_reason",
}

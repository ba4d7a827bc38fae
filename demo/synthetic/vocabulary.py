"""The words of which invented people are made."""

from typing import NamedTuple


def _names(text: str) -> tuple[str, ...]:
    """The names of a list; an underscore stands for a blank inside one."""
    return tuple(word.replace("_", " ") for word in text.split())


FEMALE = _names(
    "Ana Maria Antônia Beatriz Benedita Camila Cecília Cláudia Conceição Débora Elisângela Fátima Francisca "
    "Gláucia Helena Inês Isabela Ívia Joana Júlia Larissa Letícia Lúcia Márcia Mônica Patrícia Raimunda Renata "
    "Rosângela Sônia Tânia Terezinha Valéria Vitória Yasmin Zélia "
)
MALE = _names(
    "Antônio André Benedito Caíque Carlos Cássio César Davi Edílson Fábio Flávio Francisco Geraldo Hélio Iago "
    "Jesus João Joaquim José Júlio Leônidas Lúcio Luís Márcio Mário Otávio Paulo Pedro Raí Raimundo Ramón "
    "Rogério Sérgio Tomás Ubirajara Vinícius Vítor "
)
FIRST = {"3": FEMALE, "1": MALE}
SECOND = {
    "3": _names("Aparecida Clara Cristina Eduarda Fernanda Luíza Regina de_Fátima de_Lourdes das_Graças"),
    "1": _names("Augusto Carlos Eduardo Felipe Henrique Luiz Otávio Roberto de_Assis Aurélio"),
}
SURNAMES = _names(
    "Abrão Almeida Alves Amaral Araújo de_Assunção Barbosa Barreto Brandão Cardoso de_Carvalho e_Castro "
    "Cavalcânti Coêlho da_Conceição Corrêa da_Costa Damião Dias Esteves Fagundes Falcão Farias Fernandes "
    "Ferreira Figueirêdo Fonsêca de_Freitas Galvão Gomes Gonçalves Guimarães Henriques Leão Leite de_Lima "
    "Lourenço Macêdo Machado Magalhães Martins Mendonça de_Moraes Moreira Muniz do_Nascimento Negrão Nóbrega "
    "Nunes Oliveira Pacheco da_Paixão Pereira Pinheiro Pires Queirós Ramalho Ribeiro da_Rocha Rodrigues Romão "
    "dos_Santos Sepúlveda da_Silva Simões Soares de_Souza Távora Teixeira da_Trindade Valadão Vasconcelos "
    "Vieira Xavier Yamashita Zanão D'Ávila D'Oliveira Sant'Anna e_Sá Müller "
)
STREETS = _names(
    "Rua_das_Acácias Rua_dos_Ipês Avenida_Central Rua_São_João_Exemplo Travessa_do_Sol Rua_da_Conceição "
    "Alameda_Açaí Rua_Quinze_de_Invento Avenida_Brasil_Fictícia Praça_da_Invenção Rua_João_d'Água"
)
DISTRICTS = ("Centro", "Jardim América", "Vila Nova", "São José", "Santo Antônio", "Água Verde", "Boa Vista")
COMPLEMENTS = ("", "", "", "Ap 12", "Bloco B", "Casa 2", "Fundos")


class City(NamedTuple):
    code: str  # IBGE, six digits, without its check digit
    area_code: str
    postal_prefix: str


CITIES = (
    City("355030", "11", "01"),
    City("330455", "21", "20"),
    City("310620", "31", "30"),
    City("292740", "71", "40"),
    City("230440", "85", "60"),
    City("410690", "41", "80"),
    City("431490", "51", "90"),
    City("261160", "81", "50"),
    City("150140", "91", "66"),
    City("350950", "19", "13"),
    City("520870", "62", "74"),
    City("530010", "61", "70"),
)

REGULATED_PLANS = tuple(f"4{number:08d}" for number in (70011, 70022, 70033, 81014, 81025))
ADAPTED_PLANS = ("400990016", "400990024")
PRE_LAW_PLANS = ("PLANO-ANTIGO-01", "BÁSICO 1995", "ESPECIAL-A")
CANCELLATION_REASONS = ("41", "41", "42", "42", "42", "43", "44", "46", "48")

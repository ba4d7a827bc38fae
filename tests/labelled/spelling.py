"""The ways in which one name comes to be written as another."""

from random import Random

SOUNDS_ALIKE = {
    "Luiz": "Luís",
    "Tiago": "Thiago",
    "Felipe": "Philipe",
    "Valter": "Walter",
    "Mateus": "Matheus",
    "Rafael": "Raphael",
    "Vítor": "Victor",
    "Luíza": "Luísa",
    "Cristina": "Christina",
    "Teresa": "Thereza",
    "Rebeca": "Rebecca",
    "Giovana": "Geovanna",
    "Isabela": "Izabella",
    "de Souza": "de Sousa",
    "Queirós": "Queiroz",
    "Corrêa": "Correia",
    "de Moraes": "de Morais",
    "Cavalcânti": "Cavalcante",
}


def mistyped(random: Random, word: str) -> str:
    """One letter that is another."""
    place = random.randrange(len(word))
    letter = random.choice([letter for letter in "BKWYZ" if letter != word[place].upper()])
    return word[:place] + letter + word[place + 1 :]


def left_out(random: Random, word: str) -> str:
    """One letter that is not there."""
    place = random.randrange(len(word))
    return word[:place] + word[place + 1 :]


def doubled(random: Random, word: str) -> str:
    place = random.randrange(len(word))
    return word[: place + 1] + word[place:]


def transposed(random: Random, word: str) -> str:
    """Two neighbours in the wrong order."""
    places = [place for place in range(len(word) - 1) if word[place].upper() != word[place + 1].upper()]
    if not places:
        return mistyped(random, word)
    place = random.choice(places)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


SLIPS = (mistyped, left_out, doubled, transposed)


def with_particles(random: Random, name: str) -> str:
    """One more particle before some word but the first."""
    words = name.split()
    place = random.randrange(1, len(words))
    return " ".join([*words[:place], random.choice(["de", "da", "dos", "E"]), *words[place:]])


def without_particles(name: str) -> str:
    particles = {"de", "da", "do", "das", "dos", "e", "di"}
    return " ".join(word for word in name.split() if word.lower() not in particles)


def initials(words: tuple[str, ...]) -> tuple[str, ...]:
    """Each name by its first letter, particles left out."""
    return tuple(without_particles(word).replace("D'", "D")[0] for word in words)

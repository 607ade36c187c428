"""The words by which a text message is a wish and not an answer: STOP, START, HELP, in five languages.

Carriers want the English ones everywhere; who reads no English finds their own.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True, slots=True)
class Keyword:
    """What was wished, in which language; an English word may come from anybody, so its language is empty."""

    wish: Wish
    language: str


#: As `_bare` leaves a text: no accents, no signs, lower case.
WORDS: Mapping[str, Mapping[Wish, str]] = {
    "": {
        Wish.STOP: "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|remove me",
        Wish.START: "start|unstop|subscribe|optin|opt in",
        Wish.HELP: "help|info",
    },
    "de": {
        Wish.STOP: "stopp|abmelden|abmeldung|abbestellen|austragen|aufhoren|aufhoeren",
        Wish.START: "anmelden|starten|weiter",
        Wish.HELP: "hilfe",
    },
    "fr": {
        Wish.STOP: "arret|arreter|arretez|desabonner|desabonnement|desinscrire|desinscription",
        Wish.START: "demarrer|reprendre|reabonner|inscription",
        Wish.HELP: "aide",
    },
    "es": {
        Wish.STOP: "baja|alto|parar|detener|cancelar|darse de baja|dar de baja",
        Wish.START: "alta|comenzar|empezar|iniciar|darse de alta",
        Wish.HELP: "ayuda",
    },
    "pl": {
        Wish.STOP: "koniec|rezygnacja|rezygnuje|wypisz|zatrzymaj",
        Wish.START: "zacznij|wznow|zapisz",
        Wish.HELP: "pomoc",
    },
}
#: Everyday answers, which say START only to somebody who had said STOP.
YES: Mapping[str, str] = {"yes": "", "ja": "de", "oui": "fr", "si": "es", "tak": "pl"}

KEYWORDS: Mapping[str, Keyword] = {
    word: Keyword(wish, language)
    for language, wishes in WORDS.items()
    for wish, words in wishes.items()
    for word in words.split("|")
}
LONGEST = 40


def keyword_in(text: str, *, has_stopped: bool = False) -> Keyword | None:
    """The wish that is the whole of `text`, however it is spelled; None for anything that says more."""
    if len(text) > LONGEST:
        return None
    word = _bare(text)
    if has_stopped and word in YES:
        return Keyword(Wish.START, YES[word])
    return KEYWORDS.get(word)


def is_everyday(text: str) -> bool:
    """Whether `text` is a wish only from somebody who had said STOP."""
    return len(text) <= LONGEST and _bare(text) in YES


def _bare(text: str) -> str:
    """Letters in lower case without their accents, single spaces between words."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    kept = (letter if letter.isalnum() else " " for letter in taken_apart if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())


#: What is answered, at once and once. Each names who texts and, as carriers want it, how to stop or begin again.
ANSWERS: Mapping[Wish, Mapping[str, str]] = {
    Wish.STOP: {
        "en": "{organization}: You will get no more text messages from us. Reply START to get them again.",
        "de": "{organization}: Sie erhalten keine SMS mehr von uns. Mit START erhalten Sie wieder welche.",
        "fr": "{organization} : vous ne recevrez plus de SMS de notre part. Répondez START pour en recevoir à nouveau.",
        "es": "{organization}: ya no recibirá más SMS nuestros. Responda START para volver a recibirlos.",
        "pl": "{organization}: nie otrzymasz od nas więcej wiadomości SMS. Odpisz START, aby znów je otrzymywać.",
    },
    Wish.START: {
        "en": "{organization}: You will get text messages from us again. Reply STOP to end them, HELP for help.",
        "de": "{organization}: Sie erhalten wieder SMS von uns. STOPP beendet das, HILFE erklärt mehr.",
        "fr": "{organization} : vous recevrez de nouveau nos SMS. ARRET pour ne plus en recevoir, AIDE pour de l’aide.",
        "es": "{organization}: volverá a recibir nuestros SMS. Responda BAJA para no recibirlos, AYUDA para ayuda.",
        "pl": "{organization}: znów będziesz otrzymywać nasze SMS-y. Odpisz KONIEC, aby przestać, POMOC po pomoc.",
    },
    Wish.HELP: {
        "en": "{organization}: We text you about your application. Reply to reach us, or STOP to get no more texts. "
        "Message and data rates may apply.",
        "de": "{organization}: Wir schreiben Ihnen zu Ihrer Bewerbung. Antworten Sie, um uns zu erreichen, oder mit "
        "STOPP, um keine SMS mehr zu erhalten.",
        "fr": "{organization} : nous vous écrivons au sujet de votre candidature. Répondez pour nous joindre, ou ARRET "
        "pour ne plus recevoir de SMS.",
        "es": "{organization}: le escribimos sobre su candidatura. Responda para hablar con nosotros, o BAJA para no "
        "recibir más SMS.",
        "pl": "{organization}: piszemy w sprawie Twojej aplikacji. Odpisz, aby się z nami skontaktować, albo KONIEC, "
        "aby nie otrzymywać SMS-ów.",
    },
}


def answer_to(keyword: Keyword, organization: str, language: str) -> str:
    """What to text back: in the keyword's language or, for an English word, in `language` where we speak it."""
    texts = ANSWERS[keyword.wish]
    spoken = keyword.language or language[:2].lower()
    return texts.get(spoken, texts["en"]).format(organization=organization)

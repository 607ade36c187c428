import pytest

from candidly.rules.keywords import ANSWERS, KEYWORDS, Wish, keyword_in


@pytest.mark.parametrize(
    ("text", "wish", "language"),
    [
        ("STOP", Wish.STOP, ""),
        (" stop.\n", Wish.STOP, ""),
        ("“Stop”!!", Wish.STOP, ""),
        ("Stop all", Wish.STOP, ""),
        ("STOPALL", Wish.STOP, ""),
        ("Unsubscribe", Wish.STOP, ""),
        ("Arrêt", Wish.STOP, "fr"),
        ("ARRE\u0302T", Wish.STOP, "fr"),
        ("Désabonner", Wish.STOP, "fr"),
        ("baja", Wish.STOP, "es"),
        ("¡ALTO!", Wish.STOP, "es"),
        ("Stopp", Wish.STOP, "de"),
        ("aufhören", Wish.STOP, "de"),
        ("ABMELDEN", Wish.STOP, "de"),
        ("Koniec", Wish.STOP, "pl"),
        ("rezygnuję", Wish.STOP, "pl"),
        ("ＳＴＯＰ", Wish.STOP, ""),
        ("start", Wish.START, ""),
        ("UNSTOP", Wish.START, ""),
        ("Alta", Wish.START, "es"),
        ("Wznów", Wish.START, "pl"),
        ("Help?", Wish.HELP, ""),
        ("INFO", Wish.HELP, ""),
        ("Hilfe", Wish.HELP, "de"),
        ("aide", Wish.HELP, "fr"),
        ("Ayuda", Wish.HELP, "es"),
        ("POMOC", Wish.HELP, "pl"),
    ],
)
def test_a_wish_is_known_however_it_is_spelled(text: str, wish: Wish, language: str) -> None:
    found = keyword_in(text)
    assert found is not None
    assert (found.wish, found.language) == (wish, language)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "👍",
        "Please stop",
        "Stop by at nine?",
        "I can help",
        "Yes",
        "sí",
        "Tak",
        "stopping",
        "the end",
        "x" * 5000,
    ],
)
def test_whatever_says_more_is_an_answer(text: str) -> None:
    assert keyword_in(text) is None


@pytest.mark.parametrize(("text", "language"), [("YES", ""), ("Sí", "es"), ("ja!", "de"), ("Oui", "fr"), ("tak", "pl")])
def test_yes_means_start_to_who_has_stopped(text: str, language: str) -> None:
    found = keyword_in(text, has_stopped=True)
    assert found is not None
    assert (found.wish, found.language) == (Wish.START, language)


def test_every_answer_names_the_organization_and_how_to_go_on() -> None:
    ways_on = {Wish.STOP: (Wish.START,), Wish.START: (Wish.STOP,), Wish.HELP: (Wish.STOP,)}
    for wish, texts in ANSWERS.items():
        for text in texts.values():
            assert text.startswith("{organization}")
            named = {KEYWORDS[word.lower()].wish for word in text.replace(",", " ").split() if word.lower() in KEYWORDS}
            assert named & set(ways_on[wish]), text

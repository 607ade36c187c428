from candidly.rules.texting import LONGEST, length, short_form, whole

LINK = "https://us.example/p/abcdefghijklmnopqrstuvwxyz234567/"


def test_beside_other_ways_a_text_is_short_and_leads_on() -> None:
    said = short_form("Dear Amara,\n\n" + "could you come on Monday at nine? " * 20, LINK)
    words, _, link = said.partition("\n")
    assert link == LINK
    assert words.startswith("Dear Amara, could you come")
    assert words.endswith(" …")
    assert len(words) <= 300


def test_what_is_short_stays_whole() -> None:
    assert short_form("Yes,\nMonday.", LINK) == f"Yes, Monday.\n{LINK}"
    assert short_form("Yes.", "") == "Yes."


def test_alone_a_text_says_all_of_it_in_its_own_lines() -> None:
    text = "Dear Amara,\n\n" + "could you come on Monday at nine?\n" * 20
    assert whole(text, LINK) == f"{text.strip()}\n{LINK}"


def test_what_the_provider_would_not_take_is_cut_at_a_word_and_leads_on() -> None:
    for word in ("word ", "żółć ", "👍👍 "):
        said = whole(word * 1000, LINK)
        assert length(said) <= LONGEST
        assert said.endswith(f"{word.strip()} …\n{LINK}")


def test_one_endless_word_is_cut_all_the_same() -> None:
    said = whole("👍" * 2000, LINK)
    assert length(said) <= LONGEST
    assert said.startswith("👍👍")
    assert "\ufffd" not in said

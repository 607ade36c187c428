"""Our look, written into the elements of formatted mails."""

from candidly.mail.house_style import dressed, with_own_sheets


def test_what_the_author_says_goes_before_ours() -> None:
    assert "font-size: 18px" in dressed("<h2>Visit</h2>")
    styled = dressed('<h2 style="font-size:30px">Visit</h2>')
    assert "font-size: 30px" in styled.replace("font-size:30px", "font-size: 30px")
    assert "18px" not in styled


def test_merge_fields_pass_through_wherever_they_stand() -> None:
    html = '<p>Dear {{first_name|R&amp;D}}, <a href="{{custom.page|https://a.example/?a=1&amp;b=2}}">here</a></p>'
    assert dressed(html).replace(' style="margin: 0 0 12px;line-height: 1.5;"', "") == html


def test_each_paragraph_has_a_line_of_its_own() -> None:
    lines = dressed("<p>Dear {{first_name}}</p><p>a</p><ul><li>b</li></ul>").split("\n")
    assert [line.count("</p>") for line in lines] == [1, 1, 0]


def test_nothing_stays_nothing_and_words_without_elements_stay_as_they_are() -> None:
    assert dressed("") == ""
    assert dressed("Dear {{first_name}} &lt;3") == "Dear {{first_name}} &lt;3"


def test_a_style_sheet_moves_into_the_elements() -> None:
    assert with_own_sheets("<style>p{color:red}</style><p>x</p>") == '<p style="color: red;">x</p>'
    assert with_own_sheets("<p>x</p>") == "<p>x</p>"
    assert with_own_sheets("<style>}}{{ p{</style><p>{{first_name}}</p>") == "<p>{{first_name}}</p>"

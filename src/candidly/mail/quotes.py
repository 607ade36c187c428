"""A reply told apart from what it quotes.

By signs at the start of lines rather than by long patterns: every published library of those has one that hangs on
hostile text. Each line is looked at a bounded number of times, and never more than its first few hundred characters.
"""

import re
from itertools import groupby

SEPARATOR = "-- Please write your reply above this line --"

_MOST_LINES = 5_000
_LONGEST_LINE = 500
_LONGEST_ATTRIBUTION = 400
_ATTRIBUTION_LINES = 3
_HEADER_LINES = 6

_OURS = SEPARATOR.strip("- ").casefold()
_QUOTE_SIGNS = "> |\t\xa0*"

# How mail programs begin and end the line above a quote: English, German, French, Spanish, Portuguese, Italian, Dutch,
# Polish, Danish, Norwegian, Swedish, Finnish, Czech, Russian, Chinese, Japanese.
_BEGINS = re.compile(
    r"(?:on|am|le|el|em|il|op|w dniu|dnia|den|d\.|dne|ke|ma|ti|to|pe|la|su|в|at)\b|\w{2,12}[.,]|\d|.{0,3}\d{4}年",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|geschrieben|schreef|geschreven|a écrit|écrit|escribió|escreveu|ha scritto|scrisse|"
    r"napisał|napisała|napisał\(a\)|pisze|skrev|kirjoitti|napsal|napsal\(a\)|написал|написала|пишет)(?!\w)|写道|寫道|のメール",
    re.IGNORECASE,
)
_ENDS_WITH_ADDRESS = re.compile(r"<[^<>@\s]{1,64}@[^<>@\s]{1,253}>\)?\s*[:：]$")
_FROM = re.compile(r"from|von|de|da|van|od|fra|från|lähettäjä|от|发件人|差出人", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"sent|to|date|subject|cc|gesendet|an|datum|betreff|envoyé(?: le)?|à|objet|enviado(?: e[lm])?|para|fecha|asunto|"
    r"assunto|data|inviato|a|oggetto|verzonden|aan|onderwerp|wysłan[oe]|do|temat|sendt|til|emne|dato|skickat|till|ämne|"
    r"lähetetty|vastaanottaja|aihe|отправлено|кому|тема|дата|发送时间|收件人|主题|日期|送信日時|宛先|件名",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"[-_=]{2,40}\s*(?:original message|original appointment|forwarded message|ursprüngliche nachricht|"
    r"originalnachricht|weitergeleitete nachricht|message d'origine|message original|message transféré|"
    r"mensaje original|mensagem original|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|"
    r"doorgestuurd bericht|oryginalna wiadomość|wiadomość oryginalna|wiadomość przekazana|"
    r"oprindelig meddelelse|ursprungligt meddelande)\s*[-_=]{2,40}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_-]{10,}$")


def split(text: str) -> tuple[str, str]:
    """`text` as (reply, quoted), signatures in the reply; every line of it is in one of the two.

    The whole text is the reply when nothing was written above the quote, or when answers stand between its lines.
    """
    lines = text.split("\n")
    cut = _start_of_quote([line[:_LONGEST_LINE].strip() for line in lines[:_MOST_LINES]])
    reply, quoted = "\n".join(lines[:cut]).strip(), "\n".join(lines[cut:]).strip("\n")
    if cut is None or not reply or _answers_between(lines[cut:]):
        return text.strip(), ""
    return reply, quoted


def _start_of_quote(lines: list[str]) -> int | None:
    """The index of the line with which the quote begins, if there is one."""
    own = next((index for index, line in enumerate(lines) if _is_ours(line)), len(lines))
    end = next((index for index in range(own) if _quote_begins(lines, index)), own)
    return _without_rule(lines, end) if end < len(lines) else None


def _is_ours(line: str) -> bool:
    return _OURS in " ".join(line.split()).casefold()


def _quote_begins(lines: list[str], index: int) -> bool:
    line = lines[index]
    return bool(line) and (
        line.startswith(">")
        or _BANNER.match(line) is not None
        or _is_attribution(lines, index)
        or _is_header_block(lines, index)
    )


def _is_attribution(lines: list[str], index: int) -> bool:
    """“On 5 May 2026 at 10:00, Hannah Weiss <hannah@acme.test> wrote:”, on up to three lines."""
    if not _BEGINS.match(lines[index]) and "@" not in lines[index]:
        return False
    joined = ""
    for line in lines[index : index + _ATTRIBUTION_LINES]:
        joined = f"{joined} {line}".strip()
        if not line or len(joined) > _LONGEST_ATTRIBUTION:
            return False
        if line.endswith((":", "：")):
            dated = any(character.isdigit() or character == "@" for character in joined)
            return dated and bool(_WROTE.search(joined) or _ENDS_WITH_ADDRESS.search(joined))
    return False


def _is_header_block(lines: list[str], index: int) -> bool:
    """“From: … Sent: … To: … Subject: …”, as Outlook writes it in the language of its user."""
    if not _FROM.fullmatch(_field_name(lines[index])):
        return False
    names = [_field_name(line) for line in lines[index + 1 : index + _HEADER_LINES]]
    return sum(_OTHER_FIELD.fullmatch(name) is not None for name in names) >= 2


def _field_name(line: str) -> str:
    name, colon, _ = line.replace("：", ":").strip("* ").partition(":")
    return name.strip("* \xa0") if colon and len(name) <= 30 else ""


def _without_rule(lines: list[str], end: int) -> int:
    """The line that Outlook draws above what it quotes belongs to the quote, and so do the empty lines."""
    while end and (not lines[end - 1] or _RULE.match(lines[end - 1])):
        end -= 1
    return end


def _answers_between(lines: list[str]) -> bool:
    """Whether a paragraph follows a line quoted with ">": an answer below or between, not the rest of a wrapped line.

    Asked only of quotes whose own lines have that sign; in others nothing tells an answer from what was quoted.
    """
    first = [line.lstrip().startswith(">") for line in lines if line.strip()][: _ATTRIBUTION_LINES + 1]
    if True not in first:
        return False
    seen_quote = False
    for blank, group in groupby(lines, key=lambda line: not line.strip(_QUOTE_SIGNS)):
        paragraph = [] if blank else list(group)
        if seen_quote and paragraph and not paragraph[0].lstrip().startswith(">"):
            return True
        seen_quote = seen_quote or any(line.lstrip().startswith(">") for line in paragraph)
    return False

"""What languages are called."""

from django.conf.locale import LANG_INFO

#: Those that people here speak too, and Django has no words in.
OTHERS = {
    "ak": "Akan",
    "am": "Amharic",
    "ha": "Hausa",
    "lo": "Lao",
    "mt": "Maltese",
    "ps": "Pashto",
    "rw": "Kinyarwanda",
    "si": "Sinhala",
    "sn": "Shona",
    "so": "Somali",
    "tl": "Tagalog",
    "tw": "Twi",
    "xh": "Xhosa",
    "yo": "Yoruba",
    "zh": "Chinese",
    "zu": "Zulu",
}


def name_of(tag: str) -> str:
    """In English: German, of "de" or "de-AT". What is no such tag comes back as it was written."""
    whole = tag.strip().lower().replace("_", "-")
    for form in (whole, whole.partition("-")[0]):
        if name := LANG_INFO.get(form, {}).get("name") or OTHERS.get(form):
            return str(name)
    return tag

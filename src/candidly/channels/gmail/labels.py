"""Labels: the one we use is known by its id, so that its owner may call it what they like."""

from candidly.channels.gmail import pace
from candidly.channels.gmail.errors import Conflict
from candidly.channels.gmail.requests import Requests
from candidly.envelope import Label, PermanentFailure

NOT_A_NAME = "Gmail does not let a label be called so. Choose another name for it."
_SHOWN = {"labelListVisibility": "labelShow", "messageListVisibility": "show"}


def find(requests: Requests, name: str) -> Label | None:
    return _named(_all(requests), name)


def ensure(requests: Requests, name: str, known_id: str) -> Label:
    """See OpenMailbox.ensure_label."""
    labels = _all(requests)
    known = next((label for label in labels if known_id and label.id == known_id), None)
    return known or _named(labels, name) or _make(requests, name)


def _make(requests: Requests, name: str) -> Label:
    try:
        made = requests.post("labels", pace.LABEL, {"name": name, **_SHOWN})
    except Conflict as refused:  # 409, or 400: somebody was quicker, or the name is one of Gmail's own
        if there := find(requests, name):
            return there
        raise PermanentFailure(NOT_A_NAME, refused.reply) from refused
    return Label(str(made["id"]), str(made["name"]))


def _all(requests: Requests) -> list[Label]:
    """Those that people have made."""
    found = requests.get("labels", pace.LABEL).get("labels", [])
    return [Label(str(label["id"]), str(label["name"])) for label in found if label.get("type") == "user"]


def _named(labels: list[Label], name: str) -> Label | None:
    return next((label for label in labels if label.name.casefold() == name.casefold()), None)

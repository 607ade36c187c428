"""Labels: the one we use is known by its id, so that its owner may call it what they like."""

from candidly.channels.gmail import pace
from candidly.channels.gmail.errors import Conflict
from candidly.channels.gmail.requests import Requests
from candidly.envelope import Label, PermanentFailure

NOT_A_NAME = "Gmail does not let a label be called so. Choose another name for it."
_SHOWN = {"labelListVisibility": "labelShow", "messageListVisibility": "show"}


class Labels:
    """Those that people have made in one mailbox, read once as long as it is open."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._known: list[Label] | None = None

    def find(self, name: str) -> Label | None:
        return next((label for label in self._all() if label.name.casefold() == name.casefold()), None)

    def ensure(self, name: str, known_id: str) -> Label:
        """See OpenMailbox.ensure_label."""
        known = next((label for label in self._all() if known_id and label.id == known_id), None)
        return known or self.find(name) or self._make(name)

    def _make(self, name: str) -> Label:
        self._known = None
        try:
            made = self._requests.post("labels", pace.LABEL, {"name": name, **_SHOWN})
        except Conflict as refused:  # 409, or 400: somebody was quicker, or the name is one of Gmail's own
            if there := self.find(name):
                return there
            raise PermanentFailure(NOT_A_NAME, refused.reply) from refused
        return Label(str(made["id"]), str(made["name"]))

    def _all(self) -> list[Label]:
        if self._known is None:
            found = self._requests.get("labels", pace.LABEL).get("labels", [])
            people = [label for label in found if label.get("type") == "user"]
            self._known = [Label(str(label["id"]), str(label["name"])) for label in people]
        return self._known

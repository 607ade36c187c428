"""The one way an action says no."""


class Refused(Exception):
    """The action was not done and nothing was changed. `str(e)` is a sentence for the person who asked for it;
    `field` names the form field that it is about, or is empty."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field

class Unreadable(Exception):
    """A file that is no spreadsheet we can read; the sentence says what happened and what to do."""

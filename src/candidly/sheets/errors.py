class Unreadable(Exception):
    """A file that is no spreadsheet we can read; the sentence says what happened and what to do."""


NO_SPREADSHEET = "This is not a spreadsheet. Choose a CSV or an XLSX file."

"""Other ways to send the same mails from Django, to compare with."""

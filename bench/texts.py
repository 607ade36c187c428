"""The mail that is measured: HTML with six merge fields, as a multipart message about 4 kB, as smtp-source's are."""

SUBJECT = "{{first_name}}, a question about your application to {{organization_name}}"
PARAGRAPHS = (
    "Thank you for applying. Your experience looks like a close match for the team on the ward, and the panel would "
    "like to hear more about the last two years: which procedures you led, whom you supervised, and which shifts suit.",
    "Before we set up a conversation, could you send your current CV and a note of when your registration is due for "
    "renewal? If you have already uploaded both, there is nothing to do, and we will come back to you with two dates.",
    "Interviews are held on site and take forty minutes. Travel is refunded against receipts up to the usual limits. "
    "Please tell us beforehand whether you need step-free access, an interpreter, or another time of day.",
    "The post comes with a preceptor for the first three months, paid study leave, and a rota that is published eight "
    "weeks ahead. Nights are shared evenly, and swaps within the team need no more than a note to the shift lead.",
    "If you hold another offer, say so: we can often bring a date forward, and we would sooner know than guess. None "
    "of it changes how your application is read, and nobody outside the panel will hear of it.",
    "Many candidates ask about housing. The trust keeps forty rooms near the site, let by the month, and a list of "
    "landlords who have treated our people well. Write a line if either would help, and how soon you would need it.",
    "You can simply answer this mail: it reaches the team, and whoever is on duty will see what was said before. Files "
    "up to twenty megabytes can be attached; anything larger we will gladly take in another way, so please ask.",
)
BODY = (
    "<p>Dear {{first_name|colleague}} {{last_name}},</p>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "<p>Best wishes,<br><b>{{sender_name}}</b><br>{{organization_name}}</p>"
)

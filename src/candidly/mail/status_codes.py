"""What mail servers say, in codes (RFC 3463) and in words, and what it means for people."""

import re

#: Behind the class, which says "for now" or "for good", stands what is the matter.
ENHANCED = re.compile(r"(?<![\d.])[245]\.(\d{1,3}\.\d{1,3})(?!\.?\d)")

# By the last two parts of the enhanced status code, whose first part only says "for now" or "for good".
SENTENCES = {
    "1.0": "{server} does not accept mail for this address. Check the address.",
    "1.1": "{server} says there is no such mailbox. Check the address.",
    "1.2": "There is no mail domain {domain}. Check the address.",
    "1.3": "{server} says the address is not written correctly. Check the address.",
    "1.6": "{server} says the mailbox has moved. Ask for the new address.",
    "1.7": "{server} does not accept how our own address is written. Check the sender's address.",
    "1.8": "{server} cannot find the domain of our own address. Check the sender's domain in DNS.",
    "1.10": "{domain} accepts no mail at all. Check the address.",
    "2.0": "{server} says the mailbox takes no mail. Check the address.",
    "2.1": "{server} says the mailbox is switched off. Ask for another address.",
    "2.2": "{server} says the mailbox is full. Try again later, or ask for another address.",
    "2.3": "{server} says the mail is too large for the mailbox. Send a smaller attachment.",
    "3.1": "{server} has no room for more mail at present. Try again later.",
    "3.2": "{server} takes no mail at present. Try again later.",
    "3.4": "{server} says the mail is too large. Send a smaller attachment.",
    "4.1": "The mail server of {domain} does not answer. Try again later, or check the address.",
    "4.2": "{server} broke the connection off. Try again later.",
    "4.3": "The domain {domain} could not be looked up. Try again later, or check the address.",
    "4.4": "There is no way to deliver mail to {domain}. Check the address.",
    "4.6": "Mail to {domain} goes round in a circle. Their administrator has to mend it.",
    "4.7": "The mail server of {domain} did not take the mail in time. Try again later, or check the address.",
    "5.3": "{server} accepts fewer recipients at once. Try again later.",
    "7.0": "{server} refuses the mail by its own rules. Ask their administrator, or check what its answer says.",
    "7.1": "{server} refuses the mail by its own rules. Ask their administrator, or check what its answer says.",
    "7.20": "{server} misses a valid DKIM signature. Our administrator has to set up DKIM for the sender's domain.",
    "7.21": "{server} misses a valid DKIM signature. Our administrator has to set up DKIM for the sender's domain.",
    "7.22": "{server} misses a matching DKIM signature. Our administrator has to set up DKIM for the sender's domain.",
    "7.23": "{server} says SPF forbids our mail. Our administrator has to correct the SPF record.",
    "7.24": "{server} could not check SPF for our mail. Our administrator has to correct the SPF record.",
    "7.25": "{server} wants a reverse DNS name for our mail server. Our administrator has to set one.",
    "7.26": "{server} could not authenticate our mail. Our administrator has to set up SPF, DKIM and DMARC.",
    "7.27": "{server} says our own address accepts no mail. Check the sender's domain in DNS.",
}

#: Nothing will ever arrive at the address. Not among them: a full mailbox, and whatever a server has against the mail.
NO_MAILBOX = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})

#: How servers say it that give no code, or one that says nothing; the first that fits counts.
_WORDS = (
    ("2.2", r"(mailbox|inbox|account|quota|storage)\b.{0,40}\b(full|exceeded|over ?quota)|over ?quota|out of storage"),
    ("2.2", r"quota exceeded|exceeded .{0,40}quota|insufficient (system )?storage"),
    ("2.3", r"message (size|is too (large|big)|too (large|big))|size limit"),
    ("1.2", r"(host|domain)( or domain)?( name)? (was )?(not (be )?found|does(n't| not) exist|unknown)"),
    ("1.2", r"no such domain|unrouteable mail domain|bad destination (host|system)|couldn't find any host"),
    ("7.1", r"\bspam\b|\bspf\b|\bdkim\b|\bdmarc\b|blacklist|blocklist|\bblocked\b|\bpolicy\b|greylist|reputation"),
    ("1.1", r"user unknown|unknown (user|recipient|address|mailbox|local part)|recipient unknown"),
    ("1.1", r"no such (user|mailbox|recipient|person|address|account)|no mailbox (here )?by that name"),
    ("1.1", r"(user|mailbox|recipient|address|account)\b.{0,60}\b(does(n't| not) exist|not found|couldn't be found)"),
    ("1.1", r"doesn't have an? .{1,40} account|wasn't found at|RecipientNotFound|unrouteable address"),
    ("1.1", r"(invalid|unknown or illegal|not a valid) (user|mailbox|recipient|address|alias)"),
    ("1.1", r"recipient (address )?rejected: (undeliverable|access denied)|mailbox unavailable|no longer (on|at) "),
    ("2.1", r"(account|mailbox|user|address)\b.{0,30}\b(disabled|inactive|suspended|deactivated|closed)"),
    ("2.1", r"no longer (available|active|valid|in use|accepting)"),
    ("4.7", r"timed? ?out|retry time|retries|connection (refused|dropped|reset)|could not connect|not responding"),
)
_MEANT = [(code, re.compile(words, re.IGNORECASE | re.DOTALL)) for code, words in _WORDS]
#: So much of an answer is looked through.
_LONGEST = 2_000


def meant_by(said: str) -> str:
    """The code, without its class, of what a server says in words; empty when that is nothing known."""
    return next((code for code, words in _MEANT if words.search(said[:_LONGEST])), "")

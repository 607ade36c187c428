"""Candidly: where a recruiting team talks with candidates, contacts and agencies."""

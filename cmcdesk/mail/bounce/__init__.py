"""Notices: mails by which a mail system tells what became of another mail (delivery reports and free text)."""

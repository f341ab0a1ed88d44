"""Forms of bounces and of ordinary mails, written from memory of what mail systems say: hosts, mailboxes, words."""

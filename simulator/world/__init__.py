"""The world around the service on one machine: DNS and the mail servers that mails go to. All is on loopback."""

"""Mail as it really is: header fields, encoded words, addresses, MIME structure and Japanese charsets, read totally."""

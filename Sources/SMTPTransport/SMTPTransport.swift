enum PlaceholderSMTPTransport {}

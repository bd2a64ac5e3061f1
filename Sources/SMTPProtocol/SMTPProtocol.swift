enum PlaceholderSMTPProtocol {}

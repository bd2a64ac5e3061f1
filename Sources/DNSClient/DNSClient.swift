enum PlaceholderDNSClient {}

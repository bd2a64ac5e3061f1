enum PlaceholderInternetMessage {}

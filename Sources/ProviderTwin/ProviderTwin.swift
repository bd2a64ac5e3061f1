enum PlaceholderProviderTwin {}

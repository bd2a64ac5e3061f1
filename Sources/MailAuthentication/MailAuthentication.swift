enum PlaceholderMailAuthentication {}

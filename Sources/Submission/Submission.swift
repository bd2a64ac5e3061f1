enum PlaceholderSubmission {}

enum PlaceholderPosternRuntime {}

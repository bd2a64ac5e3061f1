enum PlaceholderGateCore {}

enum PlaceholderDelivery {}

"""The audience and each person: lists, pages, who is whom, what the owner says of them."""

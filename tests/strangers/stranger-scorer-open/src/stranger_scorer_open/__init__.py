"""A judge and a rule on scales that dosimeter has never heard of."""

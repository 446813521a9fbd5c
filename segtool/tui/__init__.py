"""The review screen: a Textual application over plain Python state."""

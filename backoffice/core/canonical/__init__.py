"""One form for what people and systems spell in many ways: references, telephone numbers, identity numbers."""

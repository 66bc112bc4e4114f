"""The steps of the core, oldest first. A step that was released is never edited."""

"""The core's own drivers. They enter through entry points, by the same door as every plugin's."""

"""What a new installation starts with: system objects, and on request a sample operator with a living guide."""

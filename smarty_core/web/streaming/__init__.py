"""The Streaming API: technical works, signed with the operator's Streaming API key, and the check of stream tokens."""

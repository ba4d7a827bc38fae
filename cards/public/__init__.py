"""Public pages: card verification, and the digital card for its holder."""

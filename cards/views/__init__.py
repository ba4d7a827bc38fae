"""Pages of the cards, one module for each action."""

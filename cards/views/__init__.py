"""Pages of the cards; one module for each thing that is done with them."""

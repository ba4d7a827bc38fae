"""Pages of the conferences and of what goes to ANS and comes from it; one module for each."""

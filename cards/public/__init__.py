"""Pages for people who do not sign in: who checks a card, and whose card it is."""

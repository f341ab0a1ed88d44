"""The pages of the console: one module per screen, each a Flask blueprint."""

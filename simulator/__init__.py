"""cmcsim: the outside world, as a customer's mail servers meet it; knows nothing of cmcdesk's code."""

__version__ = "0.2.0"  # that of the program it comes with

"""Attacks on a running cmcdesk, each a file in `attacks`; `python3 packaging/dev.py torture` makes them."""

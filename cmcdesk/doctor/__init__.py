"""`cmcdesk doctor`: looks at a data folder, says what is wrong with it and what mends it, and mends what it can."""

"""CMC's own API, as its public clients call it; they check themselves who calls, by api_user and api_key."""

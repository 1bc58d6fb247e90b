"""The tribe: commitments both ways and the ledger of give and take. Pure."""

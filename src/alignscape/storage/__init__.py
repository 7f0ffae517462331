"""Files that are whole or absent, downloads, and the ledger."""

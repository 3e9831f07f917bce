"""The registry's tables, and the ledger of the tests that were ever made."""

"""The registry's tables, the process that owns a run, and the ledger of the tests that were ever made."""

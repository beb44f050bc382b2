"""What can be done to accounts: each checks, changes, logs and flushes, or raises Refused."""

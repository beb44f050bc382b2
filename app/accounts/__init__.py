"""Accounts: people and programs, how they prove who they are, and where they belong."""

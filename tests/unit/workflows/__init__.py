"""The domain's rules without a database."""

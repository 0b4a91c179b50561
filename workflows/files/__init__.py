"""Files that people send: recognised by content, checked for what could do harm, kept under their SHA-256."""

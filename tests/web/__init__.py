"""Tests of the web room: forms, accounts, access, inbox, task page, errors, through the Flask client."""

"""The sources of scripts, styles, fonts and icons, and the command that builds them."""

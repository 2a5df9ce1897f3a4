"""The local web chat and panel."""

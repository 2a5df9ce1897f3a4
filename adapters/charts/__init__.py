"""Figures as pictures. matplotlib lives here, and is loaded when the first picture is drawn."""

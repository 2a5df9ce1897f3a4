"""What people can type: the grammar as data, and one file per group of verbs."""

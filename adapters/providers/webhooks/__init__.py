"""What backends tell by themselves: a door, and what it checks for each kind of sender."""

"""A video backend to develop and demonstrate against: real HTTP, real MP4s, no account."""

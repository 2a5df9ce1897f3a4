"""What chats on other people's servers have in common."""

"""What is proved of a protocol, and how well its checks would notice a slip."""

"""What can be wrong with what is handed in, by format: each with what it is called and how it comes."""

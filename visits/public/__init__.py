"""The pages that anybody may open: whether a letter is genuine, and the list of agencies."""

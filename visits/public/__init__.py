"""The one page that anybody may open: whether a letter is genuine."""

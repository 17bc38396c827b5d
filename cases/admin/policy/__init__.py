"""Pages of policies: versions, the editor, comparison, submission, prices and upgrades."""

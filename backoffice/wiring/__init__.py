"""Everything outside the floors: addresses, the admin site with home page and menu, sessions, probes, the serving command."""

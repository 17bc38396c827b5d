"""What opens the doors: addresses, the admin site, its home page and menu, probes, and the command that serves it all."""

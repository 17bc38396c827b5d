"""The wiring: settings, addresses, queue and navigation. It opens doors and owns no rule."""

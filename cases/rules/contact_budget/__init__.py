"""Whether a person may be contacted now, by whichever channel: hours, caps, cool-offs, circumstances, people."""

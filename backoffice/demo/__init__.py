"""The loop played on a made-up portfolio: for newcomers, tests and benches. Wiring, not business."""

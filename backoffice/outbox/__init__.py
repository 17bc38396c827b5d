"""What leaves the house: events written with the change that caused them, delivered later."""

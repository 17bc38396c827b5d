"""What borrowers answer to the letter of their visit: taken in, brought to guard and case, handled by a person."""

"""Personal data as ciphertext: model fields, files, and the cipher itself."""

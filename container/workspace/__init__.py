"""What the user wrote: files read into nodes, documents found, values typed, secrets and the starter."""

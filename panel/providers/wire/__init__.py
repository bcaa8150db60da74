"""What goes over the wire and comes back: schemas, bodies, answers and faults, read without trust."""

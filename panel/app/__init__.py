"""The application: what every surface asks for, whole."""

"""Shipskip for chat clients, by the Model Context Protocol: it reads and starts, and never decides."""

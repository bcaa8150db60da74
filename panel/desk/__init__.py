"""The editors' desk in a browser: it shows what waits and hands each decision to the application."""

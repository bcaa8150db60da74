"""What every service over HTTP stands behind: its guard, its headers, its server."""

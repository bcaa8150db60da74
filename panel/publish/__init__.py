"""Domain values into what readers see: pages, their JSON twins and structured data."""

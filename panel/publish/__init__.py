"""Domain values into what readers see: pages, their JSON documents and structured data."""

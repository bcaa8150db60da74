"""What stands around a call: providers that wrap a provider."""

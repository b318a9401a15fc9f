"""One door to every model: adapters behind the Model protocol, and what every call has in common."""

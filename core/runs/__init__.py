"""How a request becomes a stored result: request, registry, store, engine."""

"""The screens, one file each: inputs, guard, request, follow, show. `frame` is around all of them."""

// Nothing to call: linking the target in is enough.

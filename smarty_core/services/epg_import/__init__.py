"""The guide import: fetch, read, repair, compare with what is stored, guard, write, tell."""

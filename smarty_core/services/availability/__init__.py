"""Whether stream services can be reached: checks from outside, and what follows from them.

`run` is the entry: it reads which services want which checks, has `checks` do them many at a time, and writes what
`verdict` makes of them. `drill` asks what would be left if a data centre were gone.
"""

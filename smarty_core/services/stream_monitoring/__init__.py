"""Monitoring of streams: analysers are asked, triggers judge what they measured, people are told.

`run` is the entry; `agent` speaks with analysers, `keys` says what is measured, `judging` when it is an accident,
`alarms` who gets which mail.
"""

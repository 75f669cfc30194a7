"""Raft, message by message.

`RaftCluster(n)` holds n nodes with everything between them in the caller's hands: `tick` a node, `deliver` or
`drop` the messages under way in any order, `crash` a node and `restart` it from its stored log. With
`hold_writes=True` a node's disk answers only to `write`, so that a crash can fall before. `breach` names
the first of Raft's safety properties that did not hold: it stays None unless the cores have a bug.
"""

from windtunnel._core import RaftCluster, RaftMessage

__all__ = ["RaftCluster", "RaftMessage"]

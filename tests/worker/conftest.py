from tests.peers.fixtures import google, google_peer, world, worlds

__all__ = ["google", "google_peer", "world", "worlds"]

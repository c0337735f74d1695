"""Who asks and what they may: keys, tokens, signed links, the local mode, rates."""

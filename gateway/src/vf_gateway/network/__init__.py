"""What the gateway calls on a market's word: which addresses it may call, and pictures that are named by address."""

"""The stages of a fitting: what runs when, and the calls to the services that run them."""

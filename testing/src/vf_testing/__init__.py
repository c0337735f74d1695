"""What the tests of several packages share: recipes for golden inputs and for weights made from parameter names."""

"""Tables, connections and the schema's migrations."""

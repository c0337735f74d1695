"""DensePose by the library it was published with."""

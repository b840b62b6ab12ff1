"""Digital neuromorphic chips: fields, emulators, files, and the translation onto them."""

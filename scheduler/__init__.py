"""The project: settings, URLs and the API's root. It wires the apps together and decides nothing."""
